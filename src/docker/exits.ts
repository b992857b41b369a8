import type Dockerode from "dockerode";
import { DpError } from "../errors.ts";
import { lastLines } from "./logs.ts";

const evidenceLines = 30;

export interface ExitWatch {
  /** Aborted, with a DpError as its reason, when one of the watched containers exits. */
  readonly signal: AbortSignal;
  watch(service: string, containerName: string): void;
  stop(): void;
}

/** Watches containers that must stay up: the first that exits is told with its last log lines. */
export function watchExits(client: Dockerode): ExitWatch {
  const died = new AbortController();
  const stopped = new AbortController();
  const watched = new Set<string>();
  const follow = async (service: string, containerName: string): Promise<void> => {
    const container = client.getContainer(containerName);
    // Returns at once when the container has exited already, so nothing is missed.
    await container.wait({ abortSignal: stopped.signal });
    if (!died.signal.aborted && !stopped.signal.aborted) {
      died.abort(await describeExit(container, service));
    }
  };
  return {
    signal: died.signal,
    watch: (service, containerName) => {
      if (watched.has(containerName)) return;
      watched.add(containerName);
      // A wait that fails is no exit: the engine is gone, or the watch was stopped.
      follow(service, containerName).catch(() => {});
    },
    stop: () => stopped.abort(),
  };
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
