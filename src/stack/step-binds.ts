import { DpError } from "../errors.ts";
import type { ContainerRun, Pipeline } from "../model/pipelines.ts";
import type { ServiceSettings } from "../model/settings.ts";
import { containerSteps } from "./step-container.ts";

interface StackOfSteps {
  readonly pipelines: readonly Pipeline[];
  readonly services: readonly Pick<ServiceSettings, "name" | "volumes">[];
}

/** Throws DpError `refused` for a step whose container mounts a folder or file of this machine. */
export function assertNoStepBinds({ pipelines, services }: StackOfSteps): void {
  for (const { pipeline, step, run } of containerSteps(pipelines)) {
    const source = bindSource(run, services);
    if (source === undefined) continue;
    throw new DpError({
      code: "refused",
      message: `${pipeline}.${step.id} mounts ${source}, which the engine can't see`,
      why: "the engine is on another machine",
      next: "copy the files in the Dockerfile of a service (`build:`), and run that service",
    });
  }
}

function bindSource(
  { from }: ContainerRun,
  services: StackOfSteps["services"],
): string | undefined {
  if (from.kind === "image") return from.binds[0]?.source;
  const { volumes = [] } = services.find(({ name }) => name === from.service) ?? {};
  const bind = volumes.find((volume) => volume.kind === "bind");
  return bind?.source;
}
