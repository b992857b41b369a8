import { sleep } from "../../async/timers.ts";
import type { Engine } from "../engine/connect.ts";
import { observeStack } from "./observe.ts";
import { refuseBusyPorts, takenPortOf } from "./ports.ts";
import { heldPorts } from "./taken-ports.ts";
import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { Observed } from "../../model/containers.ts";

export interface ObservedWork<T> {
  readonly engine: Engine;
  readonly project: string;
  /** The first observation; it is made here when left out. */
  readonly observed?: Observed;
  /** Decides by the observation, and applies what it decided. */
  readonly work: (observed: Observed) => Promise<T>;
  /** Whether a further attempt needs the very port that another program holds. */
  readonly isFixed: (port: number) => boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** With these pauses the engine has 12 s to complete what a killed command asked for. */
const attempts = 8;
const firstPauseMs = 100;

/**
 * Returns what the work returns. Repeats it with a fresh observation when the stack changed after the last
 * one: the engine may still complete what a killed command asked for. Repeats it as well when a port was
 * taken, if the stack's own container holds that port by now, or the work can choose another one. Throws the
 * work's failure otherwise; for a fixed port it names the program that holds it.
 */
export async function withFreshObservation<T>(input: ObservedWork<T>): Promise<T> {
  const { engine, project, work, isFixed, emit, signal } = input;
  const observe = (): Promise<Observed> => observeStack(engine, project, signal);
  let observed = input.observed ?? (await observe());
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(observed);
    } catch (thrown) {
      if (!isTemporary(thrown)) throw thrown;
      const port = takenPortOf(thrown);
      if (port === undefined) {
        if (attempt === attempts) throw thrown;
        await sleep(firstPauseMs * 2 ** (attempt - 1), signal);
      }
      observed = await observe();
      if (port !== undefined && isFixed(port) && !heldPorts(observed).has(port)) {
        if (!engine.remote) await refuseBusyPorts([port], observed.occupiedPorts);
        throw thrown;
      }
      if (attempt === attempts) throw thrown;
      const text = `${thrown.message}, ${thrown.why ?? ""}: looking again`;
      emit({ type: "note", level: "warning", text });
    }
  }
}

function isTemporary(thrown: unknown): thrown is DpError {
  if (!(thrown instanceof DpError)) return false;
  return thrown.code === "changed-meanwhile" || takenPortOf(thrown) !== undefined;
}
