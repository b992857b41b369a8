import type { Engine } from "../engine/connect.ts";
import { findEngineSocket, socketCandidates } from "./engine-socket.ts";
import { stackLabels } from "./stack-labels.ts";
import type { Observed, ResolvedImage } from "../../model/containers.ts";
import type { Stack } from "../../model/settings.ts";
import { runnerService } from "../../stack/names.ts";
import { socketVariable } from "../../stack/services/runner.ts";
import { needsRunner } from "../../stack/step-container.ts";

interface SocketInput {
  readonly stack: Stack;
  readonly engine: Engine;
  readonly observed: Observed;
}

/** The socket that the step runner has or would probably get: for a plan. Undefined without a runner. */
export function plannedEngineSocket(input: SocketInput): string | undefined {
  if (!needsRunner(input.stack)) return undefined;
  return usedSocket(input) ?? socketCandidates(input.engine.url)[0];
}

/**
 * The socket that the step runner gets, verified by a container that uses it; undefined without a runner.
 * Throws DpError `refused` where no container can use it.
 */
export async function verifyEngineSocket(
  input: SocketInput & {
    readonly images: ReadonlyMap<string, ResolvedImage>;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const { stack, engine, images, signal } = input;
  const image = images.get(runnerService);
  // Without an id the image is not there, because this `up` does not include the runner.
  if (!needsRunner(stack) || !image || image.id === "") return plannedEngineSocket(input);
  const labels = stackLabels(stack);
  return (
    usedSocket(input) ?? (await findEngineSocket({ engine, labels, imageId: image.id, signal }))
  );
}

/** That of a runner which was started with it before. */
function usedSocket({ observed }: SocketInput): string | undefined {
  const runner = observed.containers.find(({ service }) => service === runnerService);
  return runner?.state === "running" ? runner.environment[socketVariable] : undefined;
}
