import { DpError } from "../../errors.ts";
import type { Report } from "../../report/choose.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { awaitUnpaused, findStack, type FoundStack } from "../stack/running.ts";
import { requireStack } from "../stack/stack-file.ts";

/** A stack as its file says, and as the engine has it. */
export interface PipelineTarget {
  readonly stack: Stack;
  readonly found: FoundStack;
  /** Adds the place in pipeline.yaml to a failure that a setting caused. */
  readonly withPlace: (thrown: unknown) => unknown;
}

/** The stack whose pipelines a command is about; a mistake in the file comes before one of the engine. */
export async function findTarget(on: {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly report: Report;
}): Promise<PipelineTarget> {
  const finding = findStack(on.host, on.shared).then((found) =>
    awaitUnpaused(found, on.host.signal),
  );
  // It is awaited below; until then nobody listens.
  finding.catch(() => {});
  const { stack, withPlace } = await requireStack(on.host, on.shared, on.report);
  return { stack, found: await finding, withPlace };
}

/** A pipeline of the file. Throws DpError `unknown-pipeline` with the nearest name. */
export function requirePipeline(stack: Stack, name: string): Pipeline {
  const pipeline = stack.pipelines.find((one) => one.name === name);
  if (pipeline) return pipeline;
  throw unknownPipeline(
    name,
    stack.pipelines.map((one) => one.name),
  );
}

export function unknownPipeline(name: string, known: readonly string[]): DpError {
  const near = nearest(name, known);
  return new DpError({
    code: "unknown-pipeline",
    message: `there is no pipeline ${name}`,
    why: known.length === 0 ? "there is none at all" : `there are ${known.join(", ")}`,
    next: near === undefined ? "dp pipeline list" : `did you mean ${near}?`,
  });
}
