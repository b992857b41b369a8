import type Dockerode from "dockerode";
import { DpError } from "../errors.ts";
import { statusOf } from "./engine-error.ts";
import { lastLines } from "./logs.ts";

const evidenceLines = 30;

export interface ExitWatch {
  /**
   * Aborted, with a DpError as its reason, when one of the watched containers exits; for one that is
   * removed its code is `changed-meanwhile`.
   */
  readonly signal: AbortSignal;
  watch(container: WatchedContainer): void;
  stop(): void;
}

export interface WatchedContainer {
  readonly service: string;
  readonly name: string;
  /** What its exit is told as: the other one where the container was found running. */
  readonly exitIs: "exited" | "changed-meanwhile";
}

/** Watches containers that must stay up: the first that exits is told with its last log lines. */
export function watchExits(client: Dockerode): ExitWatch {
  const died = new AbortController();
  const stopped = new AbortController();
  const watched = new Set<string>();
  const follow = async (watched: WatchedContainer): Promise<void> => {
    const container = client.getContainer(watched.name);
    const exit = await describeEnd(container, { watched, signal: stopped.signal });
    if (!died.signal.aborted && !stopped.signal.aborted) died.abort(exit);
  };
  return {
    signal: died.signal,
    watch: (container) => {
      if (watched.has(container.name)) return;
      watched.add(container.name);
      // A wait that fails is no exit: the engine is gone, or the watch was stopped.
      follow(container).catch(() => {});
    },
    stop: () => stopped.abort(),
  };
}

async function describeEnd(
  container: Dockerode.Container,
  { watched, signal }: { readonly watched: WatchedContainer; readonly signal: AbortSignal },
): Promise<DpError> {
  const { service, exitIs } = watched;
  try {
    // Returns at once when the container has exited already, so nothing is missed.
    await container.wait({ abortSignal: signal });
    const exit = await describeExit(container, service);
    if (exitIs === "exited") return exit;
    return changedMeanwhile(service, "it stopped while dp waited for it");
  } catch (thrown) {
    if (statusOf(thrown) !== 404) throw thrown;
    return changedMeanwhile(service, "it was removed while dp waited for it");
  }
}

/** Something else works on the stack, be it what the engine still does for an interrupted command. */
export function changedMeanwhile(target: string, why: string): DpError {
  return new DpError({
    code: "changed-meanwhile",
    message: `${target} is not as it was found`,
    why,
    next: "another command is at work on the stack: let it end, then dp up",
  });
}

async function describeExit(container: Dockerode.Container, service: string): Promise<DpError> {
  const { State: state } = await container.inspect();
  const lines = await lastLines(container, evidenceLines).catch(() => []);
  const outOfMemory = state.OOMKilled;
  return new DpError({
    code: "exited",
    message: `${service} exited with code ${state.ExitCode}${outOfMemory ? ", out of memory" : ""}`,
    why: outOfMemory ? "it was killed at its memory limit" : guiltyLine(lines),
    evidence: lines,
    next: outOfMemory ? `raise mem_limit, or lower heap, of ${service}` : undefined,
  });
}

/** A wait that came to nothing, with what the containers it was for said last; else as it was. */
export async function withLastLines(
  thrown: unknown,
  client: Dockerode,
  containers: ReadonlyMap<string, string>,
): Promise<unknown> {
  if (!(thrown instanceof DpError) || thrown.code !== "not-ready") return thrown;
  const evidence = await Promise.all(
    [...containers].map(async ([service, name]) => {
      const container = client.getContainer(name);
      const lines = await lastLines(container, Math.ceil(evidenceLines / containers.size)).catch(
        () => [],
      );
      return lines.map((line) => `${service} | ${line}`);
    }),
  );
  const { code, message, why, next } = thrown;
  return new DpError({ code, message, why, evidence: evidence.flat(), next, cause: thrown });
}

/** The log line that most likely says why a program ended: the last that names an exception, else an error. */
export function guiltyLine(lines: readonly string[]): string | undefined {
  const isFrame = (line: string): boolean => /^\s+(at |\.\.\. )/.test(line);
  const meaningful = lines.filter((line) => !isFrame(line));
  const line =
    meaningful.findLast((text) => /^(Caused by: )?[\w.$]+(Exception|Error): \S/.test(text)) ??
    meaningful.findLast((text) => /exception|\bfatal\b|\berror\b/i.test(text));
  // What starts Airflow's components marks its own lines.
  return line?.trim().replace(/^(Caused by: |dp +\| )/, "");
}
