import { setTimeout as sleep } from "node:timers/promises";
import { DpError, type ErrorCode } from "../../errors.ts";
import { waitUntilReady } from "../../async/wait-until-ready.ts";

/** What one look at a condition found. */
export type Look =
  | { readonly state: "met"; readonly text: string }
  | { readonly state: "missing"; readonly text: string }
  /** It can't be met any more. */
  | { readonly state: "lost"; readonly text: string }
  /** It can't be told: who would know does not answer. */
  | { readonly state: "unknown"; readonly failure: DpError };

/** Something that `dp wait` waits for. */
export interface Condition {
  /** As progress names it: `topic orders`. */
  readonly target: string;
  /** Milliseconds between two looks. */
  readonly pauseMs: number;
  /** Throws only what ends the wait at once. */
  readonly look: (signal: AbortSignal) => Promise<Look>;
  readonly close?: () => void;
}

export interface WaitVerdict {
  readonly met: boolean;
  /** What is there when it is met, what is missing otherwise. */
  readonly text: string;
}

interface WaitLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told at every look what is missing. */
  readonly onProgress: (missing: string) => void;
}

/**
 * Looks until the condition is met or lost, or the time is over. Throws the last failure when at the end
 * it could not be told whether the condition holds, and the signal's reason.
 */
export async function waitFor(condition: Condition, limits: WaitLimits): Promise<WaitVerdict> {
  const { target, pauseMs, look } = condition;
  const { onProgress, ...wait } = limits;
  let last: Look | undefined;
  let begun = false;
  const probe = async (signal: AbortSignal) => {
    if (begun) await sleep(pauseMs, undefined, { signal });
    begun = true;
    last = await look(signal);
    if (last.state === "met" || last.state === "lost") return { ready: true } as const;
    const waitingFor = describeLook(last);
    // At every look: what stands in one line tells again only what has changed.
    onProgress(waitingFor);
    return { ready: false, waitingFor } as const;
  };
  await waitUntilReady({ target, probe, ...wait }).catch((thrown: unknown) => {
    if (!(thrown instanceof DpError) || thrown.code !== "not-ready") throw thrown;
  });
  return judgeLook(last ?? { state: "unknown", failure: noLook(limits.timeoutMs) });
}

function noLook(timeoutMs: number): DpError {
  return new DpError({
    code: "engine-failed",
    message: `nothing could be asked within ${timeoutMs} ms`,
    next: "wait longer: dp wait --timeout 60s",
  });
}

/** What the last look means for the wait as a whole. Throws for what could not be told. */
function judgeLook(last: Look): WaitVerdict {
  if (last.state === "unknown") throw last.failure;
  return { met: last.state === "met", text: last.text };
}

function describeLook(look: Look): string {
  if (look.state !== "unknown") return look.text;
  const { message, why } = look.failure;
  return why === undefined ? message : `${message}: ${why}`;
}

/** What an answer makes hopeless: no time changes it. */
const hopeless: ReadonlySet<ErrorCode> = new Set(["usage", "unknown-pipeline"]);

/** The look of something that is unknown as long as nobody answers; throws what is hopeless. */
export async function lookOrUnknown(signal: AbortSignal, look: () => Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof DpError) || hopeless.has(thrown.code)) throw thrown;
    return { state: "unknown", failure: thrown };
  }
}
