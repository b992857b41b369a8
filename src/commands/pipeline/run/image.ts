import { ensureImage } from "../../../docker/images/images.ts";
import type { Engine } from "../../../docker/engine/connect.ts";
import type { Environment } from "../../../docker/images/host-settings.ts";
import type { Report } from "../../../report/choose.ts";
import type { Observed } from "../../../model/containers.ts";
import { airflowService } from "../../../stack/names.ts";
import type { Stack } from "../../../model/settings.ts";
import { imageNeeds } from "../../../app/images/images.ts";

/** Version of the image that holds the runtime's Python and nothing else. */
const runtimeVersion = "1";

/** The image of a local run: Airflow's, which the stack has anyway, else the small one; built if need be. */
export async function findRunImage(input: {
  readonly stack: Stack;
  readonly engine: Engine;
  readonly observed: Observed;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly env: Environment;
}): Promise<string> {
  const { stack, engine, observed, report, signal, env } = input;
  const airflow = observed.containers.find(({ kind }) => kind === "airflow");
  if (airflow) return airflow.imageId;
  const ofAirflow = imageNeeds(stack).find(({ key }) => key === airflowService);
  const wish =
    ofAirflow !== undefined && "wish" in ofAirflow
      ? ofAirflow.wish
      : ({
          what: "runtime",
          version: runtimeVersion,
          named: undefined,
          section: undefined,
        } as const);
  const settings = stack.images;
  const { emit } = report;
  return (await ensureImage({ engine, wish, settings, emit, signal, env })).id;
}
