import type { Engine } from "../../docker/engine/connect.ts";
import { airflowService } from "../../stack/names.ts";
import type { SendableStack } from "../pipelines/dag-state.ts";
import type { DagChange } from "../pipelines/plan-dags.ts";
import { includesGroup, type Planned } from "./planning.ts";

/**
 * What `dp up` would change of the pipelines and custom DAGs that Airflow's container has now. Asks
 * that container, and neither starts it nor asks Airflow. Throws DpError `invalid-file` for files that
 * can't be deployed.
 */
export async function planPipelines(input: {
  readonly stack: SendableStack;
  readonly engine: Engine;
  readonly planned: Pick<Planned, "groups" | "observed">;
  readonly signal: AbortSignal;
}): Promise<DagChange[]> {
  const { stack, engine, planned, signal } = input;
  if (!stack.airflow || !includesGroup(planned, airflowService)) return [];
  const [{ nothingSent, readDeployable, readSentState }, { planDags }] = await Promise.all([
    import("../pipelines/dag-state.ts"),
    import("../pipelines/plan-dags.ts"),
  ]);
  const airflow = planned.observed.containers.find(({ kind }) => kind === "airflow");
  const client = await engine.client();
  const [{ state }, sent] = await Promise.all([
    readDeployable(stack),
    airflow ? readSentState(client.getContainer(airflow.id), signal) : nothingSent,
  ]);
  return planDags(sent, state);
}
