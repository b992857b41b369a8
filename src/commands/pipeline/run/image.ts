import type { Engine } from "../../../docker/engine/connect.ts";
import type { Environment } from "../../../docker/images/host-settings.ts";
import type { Report } from "../../../report/choose.ts";
import type { Observed } from "../../../model/containers.ts";
import type { Stack } from "../../../model/settings.ts";
import { stepImageNeed } from "../../../docker/images/image-needs.ts";
import { ensureNeed, removeOldStepImages } from "../../../app/images/images.ts";

/**
 * The image of a local run: Airflow's, which the stack has anyway, else the small one; built if need be.
 * With packages it is the image of the current list, which the container of Airflow may not have yet.
 */
export async function findRunImage(input: {
  readonly stack: Stack;
  readonly engine: Engine;
  readonly observed: Observed;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly env: Environment;
}): Promise<string> {
  const { stack, engine, observed, report, signal, env } = input;
  const need = stepImageNeed(stack);
  const hasPackages = need.kind === "recipe" && need.packages !== undefined;
  const airflow = observed.containers.find(({ kind }) => kind === "airflow");
  if (airflow && !hasPackages) return airflow.imageId;
  const { emit } = report;
  const image = await ensureNeed(need, { engine, settings: stack.images, emit, signal, env });
  if (hasPackages && !stack.airflow) await removeOldStepImages({ engine, stack, image, signal });
  return image.id;
}
