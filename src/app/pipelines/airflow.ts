import { openAirflow } from "../../airflow/client.ts";
import type { Engine, EngineClient } from "../../docker/engine/connect.ts";
import { DpError } from "../../errors.ts";
import type { Observed, ObservedContainer } from "../../model/containers.ts";
import { publishedAddress } from "../stack/running.ts";
import { createSentTime, type DeployedAirflow } from "./broken-dags.ts";

/** Airflow of a stack, with its container. */
export interface RunningAirflow extends DeployedAirflow {
  readonly docker: EngineClient;
  readonly container: ReturnType<EngineClient["getContainer"]>;
  readonly observed: ObservedContainer;
}

/** Airflow's container, if the stack has one that runs. */
export function airflowContainer({ containers }: Observed): ObservedContainer | undefined {
  return containers.find(({ kind, state }) => kind === "airflow" && state === "running");
}

/** Works with Airflow, and closes the connections after it. Throws DpError `not-running`. */
export async function withAirflow<T>(
  on: {
    readonly name: string;
    readonly engine: Engine;
    readonly observed: Observed;
    /** Milliseconds for a call with all its attempts, where it may be long. */
    readonly callMs?: number;
  },
  work: (airflow: RunningAirflow) => Promise<T>,
): Promise<T> {
  const observed = airflowContainer(on.observed);
  const address = observed && publishedAddress(observed);
  if (!observed || !address) throw notRunning(on);
  const docker = await on.engine.client();
  const client = openAirflow(address, on.callMs === undefined ? {} : { timeoutMs: on.callMs });
  try {
    const container = docker.getContainer(observed.id);
    const sentAt = createSentTime(on.engine, observed);
    return await work({ client, docker, container, observed, sentAt });
  } finally {
    client.close();
  }
}

function notRunning({ name, observed }: { name: string; observed: Observed }): DpError {
  const airflow = observed.containers.find(({ kind }) => kind === "airflow");
  return new DpError({
    code: "not-running",
    message: `Airflow of ${name} does not run`,
    why: airflow
      ? `its container is ${airflow.state}`
      : observed.containers.length === 0
        ? "nothing of this stack runs on the engine"
        : "the stack has no container for it",
    next: "dp up",
  });
}
