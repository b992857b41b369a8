import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../errors.ts";
import type { AirflowClient } from "./client.ts";
import { listDags, listImportErrors, type ImportError, type KnownDag } from "./dags.ts";
import { versionTag } from "./dag.ts";

/** A DAG that must be known in this version. */
export interface WantedVersion {
  readonly id: string;
  readonly version: string;
  /** Relative to Airflow's folder of DAGs. */
  readonly file: string;
}

/** How far Airflow has come with what was sent. */
export interface Pickup {
  readonly dags: readonly KnownDag[];
  /** Of files that can't be loaded, as they are now. */
  readonly errors: readonly ImportError[];
}

/** Whether Airflow has a DAG in this very version, and can run it. */
export function hasVersion(dags: readonly KnownDag[], { id, version }: WantedVersion): boolean {
  const dag = dags.find((known) => known.id === id);
  return dag !== undefined && !dag.stale && dag.tags.includes(versionTag(version));
}

/**
 * Tells at each look whether Airflow has read a file since it was sent, well or with an error. What it
 * stores first after that may come of a reading that began before; what it stores next can't.
 */
export function createReadCheck(sentAt: number): (pickup: Pickup, file: string) => boolean {
  const first = new Map<string, number>();
  return ({ dags, errors }, asked) => {
    const latest = new Map<string, number>();
    const readings = [...dags.map((dag) => ({ file: dag.file, at: dag.parsedAt })), ...errors];
    for (const { file, at } of readings) latest.set(file, Math.max(at, latest.get(file) ?? at));
    // Of all files, because not every one is asked for at every look.
    for (const [file, at] of latest) if (at >= sentAt && !first.has(file)) first.set(file, at);
    return (latest.get(asked) ?? -Infinity) > (first.get(asked) ?? Infinity);
  };
}

const pollMs = 100;
/** A new file is found within two seconds on a quiet machine, and took over a minute at a load of 50. */
const pickupTimeoutMs = 180_000;

/**
 * Asks until `isDone`, and returns what was found then. Throws DpError `airflow-failed` when Airflow
 * does not get there within `timeoutMs` (default: three minutes), and the signal's reason.
 */
export async function waitForPickup(input: {
  readonly client: AirflowClient;
  readonly isDone: (pickup: Pickup) => boolean;
  /** What is waited for, for the message. */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}): Promise<Pickup> {
  const { client, isDone, what, signal, timeoutMs = pickupTimeoutMs } = input;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const dags = await listDags(client, signal);
    // Asked after the DAGs: an error of before the reading that they come of is gone by then.
    const errors = await listImportErrors(client, signal);
    const pickup = { dags, errors };
    if (isDone(pickup)) return pickup;
    if (performance.now() > deadline) {
      throw new DpError({
        code: "airflow-failed",
        message: `Airflow has not taken ${what} within ${timeoutMs / 1000} s`,
        why: "its DAG processor reads the files; it may be overloaded, or have died",
        next: "dp health; dp logs airflow -n 50",
      });
    }
    await sleep(pollMs, undefined, { signal });
  }
}
