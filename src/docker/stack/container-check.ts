import type { Engine } from "../engine/connect.ts";
import { DpError } from "../../errors.ts";
import { hasCompleted } from "../../stack/completed.ts";
import { describeOutOfMemory, moreMemory } from "../../stack/memory.ts";
import type { ObservedContainer } from "../../model/containers.ts";

/** How many lines of an ended container's log are shown, and how many are searched for why. */
const lastLineCount = 10;
const searchedLines = 300;
/** Milliseconds for an engine to learn the kernel's reason of an end that was just now. */
const lateOomMs = 1000;

/**
 * Returns the state of a container that is as it should be. Throws Error with the state of any other
 * one, and for one that has ended with a failure DpError `exited` with the last lines of its log.
 */
export async function describeContainer(
  container: ObservedContainer | undefined,
  engine: Engine,
): Promise<string> {
  if (!container) throw new Error("has no container; its volume is there: dp up");
  const { state } = container;
  if (hasCompleted(container)) return "completed";
  if (state === "running") {
    if (container.ready?.kind === "completed") throw new Error("has not ended yet");
    return "running";
  }
  if (container.oomKilled) throw outOfMemory(container);
  if (state !== "exited" && state !== "restarting") throw new Error(state);
  throw await describeExit(container, await engine.client());
}

function outOfMemory(container: ObservedContainer): Error {
  const { memLimitBytes } = container;
  return new Error(`${describeOutOfMemory(memLimitBytes)}; ${moreMemory(container)}`);
}

/** A container that was stopped on request, or ended with 0, has not failed: its log is not searched. */
async function describeExit(
  container: ObservedContainer,
  client: Awaited<ReturnType<Engine["client"]>>,
): Promise<Error> {
  const { id, kind, state, exitCode, oomKilled, memLimitBytes, startedAt = 0 } = container;
  const [{ lastLines }, { reasonOfExit }, { mendOf }, { wasOutOfMemory, wasStopped }] =
    await Promise.all([
      import("../exec/logs.ts"),
      import("./exits.ts"),
      import("../engine/engine-error.ts"),
      import("./exit-cause.ts"),
    ]);
  const isLimited = memLimitBytes !== undefined;
  const ended = { id, kind, exitCode, oomKilled, isLimited, startedAt };
  if (state === "exited" && (await wasStopped(client, ended))) {
    return new Error("stopped (dp start)");
  }
  if (await wasOutOfMemory(client, ended, { waitMs: lateOomMs })) return outOfMemory(container);
  const again = state === "restarting" ? "is restarted again and again, " : "";
  if (exitCode === 0) return new Error(`${again}exited with code 0 (dp logs, dp up)`);
  const wanted = { count: searchedLines, startedAt };
  const lines = await lastLines(client.getContainer(id), wanted).catch(() => []);
  const why = reasonOfExit(exitCode, lines);
  return new DpError({
    code: "exited",
    message: `${again}exited with code ${exitCode}${why === undefined ? "" : `: ${why}`} (${mendOf(lines) ?? "dp logs, dp up"})`,
    evidence: lines.slice(-lastLineCount),
  });
}
