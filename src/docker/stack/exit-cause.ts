import type Dockerode from "dockerode";
import { retryUntil } from "../../async/retry-until.ts";
import { timeoutSignal } from "../../async/with-timeout.ts";
import type { ServiceKind } from "../../model/containers.ts";
import { hasClosedLogs } from "./stop-gently.ts";

/** Exit codes of SIGKILL and SIGTERM, whether the kernel or a program sent the signal. */
export const killed = 137;
export const terminated = 143;

/** A container that has ended, as the engine reports it. */
export interface EndedContainer {
  readonly id: string;
  readonly exitCode: number;
  /** Whether the engine has marked it as killed for its memory. */
  readonly oomKilled: boolean;
  /** Whether it has a memory limit of its own. */
  readonly isLimited: boolean;
  /** Epoch milliseconds of its last start. */
  readonly startedAt: number;
}

/** Milliseconds between two looks at the engine's mark. */
const lookPauseMs = 100;
/** Milliseconds within which the engine has answered with the events of the past. */
const replayMs = 1000;

/**
 * Returns whether the kernel ended the container for its memory. The engine may learn of that after the
 * container's end: for `waitMs` its mark and its events are read again.
 */
export async function wasOutOfMemory(
  client: Dockerode,
  ended: EndedContainer,
  { waitMs }: { readonly waitMs: number },
): Promise<boolean> {
  const { id, exitCode, oomKilled, isLimited } = ended;
  if (oomKilled || exitCode !== killed || !isLimited) return oomKilled;
  const found = new AbortController();
  const { signal } = found;
  const isMarked = retryUntil({
    attempt: async (abortSignal) => {
      const { State: state } = await client.getContainer(id).inspect({ abortSignal });
      if (!state.OOMKilled) throw new Error("not marked");
    },
    isRetriable: () => true,
    timeoutMs: waitMs,
    pauseMs: lookPauseMs,
    signal,
  });
  const hasEvent = findEvent(client, ended, { event: "oom", waitMs, signal });
  return Promise.any([isMarked, hasEvent])
    .then(
      () => true,
      () => false,
    )
    .finally(() => found.abort());
}

/**
 * Returns whether the container was stopped on request, by dp or by another client of the engine; false
 * for one that ended by itself, and where that is no longer known: the engine keeps its last 256 events.
 */
export async function wasStopped(
  client: Dockerode,
  ended: EndedContainer & { readonly kind: ServiceKind },
): Promise<boolean> {
  const { id, kind, exitCode } = ended;
  if (exitCode === terminated) return true;
  // dp kills the last controllers as soon as their logs are closed.
  const isKilledBroker = kind === "kafka" && exitCode === killed;
  if (isKilledBroker && (await hasClosedLogs(client.getContainer(id)))) return true;
  return findEvent(client, ended, { event: "stop", waitMs: 0 }).then(
    () => true,
    () => false,
  );
}

/** Resolves when the engine reports the event of a time since the container's start; rejects when it does not. */
async function findEvent(
  client: Dockerode,
  { id, startedAt }: EndedContainer,
  wanted: {
    readonly event: "oom" | "stop";
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { event, waitMs, signal } = wanted;
  // The clock of the engine's machine may be behind this one's, and then `until` comes late.
  const deadline = timeoutSignal(waitMs + replayMs);
  const events = await client.getEvents({
    since: startedAt / 1000,
    until: (Date.now() + waitMs) / 1000,
    filters: { container: [id], event: [event] },
    abortSignal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  });
  for await (const _ of events) return;
  throw new Error(`no event ${event}`);
}
