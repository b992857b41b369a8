import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import { describeOutOfMemory, moreMemory } from "../../stack/memory.ts";
import type { ServiceKind } from "../../model/containers.ts";
import { findRefusedProperty } from "./broker-config.ts";
import { mendOf, statusOf, toEngineError } from "../engine/engine-error.ts";
import { killed, terminated, wasOutOfMemory } from "./exit-cause.ts";
import { parseLabels } from "./labels.ts";
import { lastLines } from "../exec/logs.ts";
import { waitForExit } from "../engine/wait-exit.ts";

const evidenceLines = 30;
/** A broker writes a page of Java frames for each log after it has told why it ends. */
const searchedLines = 300;

/** Podman starts a container again as soon as it has cleaned up after it. */
const restartRounds = 20;
const restartPauseMs = 100;

export interface ExitWatch {
  /**
   * Aborted, with a DpError as its reason, when one of the watched containers exits, or the engine
   * goes away (`no-engine`); for one that is removed its code is `changed-meanwhile`.
   */
  readonly signal: AbortSignal;
  /** The service whose container exited; undefined while none has. */
  exited(): string | undefined;
  watch(container: WatchedContainer): void;
  stop(): void;
}

export interface WatchedContainer {
  readonly service: string;
  readonly name: string;
  /** What its exit is told as: the other one where the container was found running. */
  readonly exitIs: "exited" | "changed-meanwhile";
  /** It `ends` with 0 when its work is done · the engine `restarts` it · it must stay up when left out. */
  readonly life?: "ends" | "restarts";
}

/**
 * So many exits are a loop. The engine waits 100 ms before the first restart and twice as long before
 * each further one: a service has more than 6 s to find what it needs.
 */
const loopExits = 7;

/** Watches containers that must stay up: the first that exits is told with its last log lines. */
export function watchExits(client: Dockerode): ExitWatch {
  const died = new AbortController();
  const stopped = new AbortController();
  // Each container that is watched adds one.
  setMaxListeners(0, stopped.signal);
  const watched = new Set<string>();
  let exited: string | undefined;
  const follow = async (watched: WatchedContainer): Promise<void> => {
    const exit = await describeEnd(client, { watched, signal: stopped.signal });
    if (!exit || died.signal.aborted || stopped.signal.aborted) return;
    exited = watched.service;
    died.abort(exit);
  };
  return {
    signal: died.signal,
    exited: () => exited,
    watch: (container) => {
      if (watched.has(container.name)) return;
      watched.add(container.name);
      follow(container).catch((thrown: unknown) => {
        // No exit: the engine is gone, or the watch was stopped.
        if (stopped.signal.aborted) return;
        died.abort(toEngineError(thrown, `watch ${container.service}`));
      });
    },
    stop: () => stopped.abort(),
  };
}

/** Undefined for the end of a one-shot that has done its work. */
async function describeEnd(
  client: Dockerode,
  { watched, signal }: { readonly watched: WatchedContainer; readonly signal: AbortSignal },
): Promise<DpError | undefined> {
  const { service, name, exitIs, life } = watched;
  const container = client.getContainer(name);
  try {
    for (let exits = 1; ; exits++) {
      // Returns at once when the container has exited already, so nothing is missed.
      await waitForExit(container, { until: "not-running", signal });
      const { State: state } = await container.inspect({ abortSignal: signal });
      if (
        life === "restarts" &&
        (state.Running || (await comesBack(container, { startedAt: state.StartedAt, signal })))
      ) {
        if (exits < loopExits) continue;
        return await describeLoop(client, { service, name });
      }
      if (life === "ends" && state.ExitCode === 0) return undefined;
      const exit = await describeExit(client, { service, name });
      if (exitIs === "exited" || life === "ends") return exit;
      return changedMeanwhile(service, "it stopped while dp waited for it");
    }
  } catch (thrown) {
    if (statusOf(thrown) !== 404) throw thrown;
    return changedMeanwhile(service, "it was removed while dp waited for it");
  }
}

/** Whether an exited container is started again: only Docker calls it running until then, Podman does not. */
async function comesBack(
  container: Dockerode.Container,
  { startedAt, signal }: { readonly startedAt: string; readonly signal: AbortSignal },
): Promise<boolean> {
  for (let round = 0; round < restartRounds; round++) {
    await sleep(restartPauseMs, undefined, { signal });
    const { State: state } = await container.inspect({ abortSignal: signal });
    if (state.StartedAt !== startedAt) return true;
  }
  return false;
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

const oneShotHint = 'a service that is to end by itself is a one-shot: restart: "no"';

/** Milliseconds after an exit within which a busy engine has learned of the kernel's reason. */
const lateOomMs = 2000;

type Ended = Pick<WatchedContainer, "service" | "name">;

async function describeExit(client: Dockerode, { service, name }: Ended): Promise<DpError> {
  const container = client.getContainer(name);
  const { Id: id, State: state, Config: config, HostConfig: host } = await container.inspect();
  const startedAt = Date.parse(state.StartedAt);
  const lines = await lastLines(container, { count: searchedLines, startedAt }).catch(() => []);
  const evidence = lines.slice(-evidenceLines);
  const kind = (parseLabels(config.Labels)?.kind ?? "service") as ServiceKind;
  const { ExitCode: exitCode, OOMKilled: oomKilled } = state;
  const ended = { id, exitCode, oomKilled, isLimited: Boolean(host.Memory), startedAt };
  if (await wasOutOfMemory(client, ended, { waitMs: lateOomMs })) {
    const limit = host.Memory ? { memLimitBytes: host.Memory } : {};
    return new DpError({
      code: "exited",
      message: `${service} ${describeOutOfMemory(limit.memLimitBytes)}`,
      why: `it exited with code ${exitCode}, killed by the kernel`,
      evidence,
      next: moreMemory({ service, kind, ...limit }),
    });
  }
  const why = reasonOfExit(exitCode, lines);
  const hasEnded = kind === "service" && exitCode === 0;
  const property = kind === "kafka" ? findRefusedProperty(lines) : undefined;
  const fix = property && `fix kafka.config.${property} in pipeline.yaml, then run dp up`;
  return new DpError({
    code: "exited",
    message: `${service} exited with code ${exitCode}`,
    why: why ?? (lines.length === 0 ? "it wrote nothing to its log" : undefined),
    evidence,
    next: mendOf(lines) ?? fix ?? (hasEnded ? oneShotHint : undefined),
    setting: property === undefined ? undefined : ["kafka", "config", property],
  });
}

async function describeLoop(client: Dockerode, ended: Ended): Promise<DpError> {
  const exit = await describeExit(client, ended);
  const { why, evidence, next } = exit;
  return new DpError({
    code: "exited",
    message: `${exit.message} for the ${loopExits}th time, though it is restarted`,
    why: why ?? "the engine restarts it again and again, which does not help",
    evidence,
    next: next ?? "what it needs to find when it starts can be named under depends_on",
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
      const count = Math.ceil(evidenceLines / containers.size);
      const lines = await lastLines(container, { count }).catch(() => []);
      return lines.map((line) => `${service} | ${line}`);
    }),
  );
  const { code, message, why, next } = thrown;
  return new DpError({ code, message, why, evidence: evidence.flat(), next, cause: thrown });
}

/**
 * Why a program ended: who ended it, or what its log says; undefined when that is not known, and for one
 * that ended well. Of one that was ended from outside only the last word tells of its end.
 */
export function reasonOfExit(exitCode: number, lines: readonly string[]): string | undefined {
  if (exitCode === 0) return undefined;
  if (exitCode === killed) return guiltyLine(lines.slice(-1)) ?? "killed from outside (SIGKILL)";
  if (exitCode === terminated) return guiltyLine(lines.slice(-1)) ?? "ended from outside (SIGTERM)";
  return guiltyLine(lines);
}

/** The log line that most likely says why a program ended: the last that names an exception, else an error. */
export function guiltyLine(lines: readonly string[]): string | undefined {
  // The machine's fault rather than the program's, whatever it goes on to say.
  const machine = lines.findLast((text) => mendOf([text]) !== undefined);
  if (machine !== undefined) return bare(machine);
  const isFrame = (line: string): boolean => /^\s+(at |\.\.\. )/.test(line);
  const meaningful = lines.filter((line) => !isFrame(line));
  const line =
    meaningful.findLast((text) => /^(Caused by: )?[\w.$]+(Exception|Error): \S/.test(text)) ??
    meaningful.findLast((text) => /exception|\bfatal\b|\berror\b/i.test(text));
  return line === undefined ? undefined : bare(line);
}

function bare(line: string): string {
  // What starts Airflow's components marks its own lines.
  return line.trim().replace(/^(Caused by: |dp +\| )/, "");
}
