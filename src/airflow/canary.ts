import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../errors.ts";
import { pathOf, type AirflowClient } from "./client.ts";
import { listDags } from "./dags.ts";
import { findReturned, findRun, triggerRun } from "./runs.ts";
import { waitForPickup } from "./versions.ts";

const prefix = "dpsmoke_";
const task = "say";
const roundMs = 100;
/** Longer than any run of a canary: what is older was left by a run that was killed. */
const leftAfterMs = 120_000;

/** A DAG whose one task prints a word. */
export interface CanaryDag {
  readonly id: string;
  /** Name of its file in Airflow's folder of DAGs. */
  readonly file: string;
  readonly text: string;
}

/** `template` is the text of templates/smoke-dag.py; `now` in epoch milliseconds, `random` hex digits. */
export function renderCanary(input: {
  readonly template: string;
  readonly word: string;
  readonly now: number;
  readonly random: string;
}): CanaryDag {
  const { template, word, now, random } = input;
  const id = `${prefix}${now}_${random}`;
  return { id, file: `${id}.py`, text: template.replace("@ID@", id).replace("@WORD@", word) };
}

export interface CanaryResult {
  /** Airflow's word: succeeded, failed … */
  readonly state: string;
  readonly answer: string | undefined;
  readonly pickedUpMs: number;
  readonly ranMs: number;
}

/** Waits for the DAG, runs it, and returns what its task printed. Throws DpError `airflow-failed`. */
export async function runCanaryDag(
  client: AirflowClient,
  dag: CanaryDag,
  signal: AbortSignal,
): Promise<CanaryResult> {
  const sentAt = performance.now();
  await untilKnown(client, dag, signal);
  const triggeredAt = performance.now();
  const { id } = dag;
  const run = `${id}_run`;
  await triggerRun(client, { dag: id, id: run, conf: {}, now: new Date() }, signal);
  for (;;) {
    const found = await findRun(client, { dag: id, id: run }, signal);
    if (found && (found.state === "succeeded" || found.state === "failed")) {
      return {
        state: found.state,
        answer: await findReturned(client, { dag: id, run, task }, signal),
        pickedUpMs: Math.round(triggeredAt - sentAt),
        ranMs: Math.round(performance.now() - triggeredAt),
      };
    }
    await sleep(roundMs, undefined, { signal });
  }
}

async function untilKnown(
  client: AirflowClient,
  { id, file }: CanaryDag,
  signal: AbortSignal,
): Promise<void> {
  const { errors } = await waitForPickup({
    client,
    isDone: (now) =>
      now.dags.some((dag) => dag.id === id) || now.errors.some((one) => one.file === file),
    what: "a canary DAG",
    signal,
  });
  const error = errors.find((one) => one.file === file);
  if (!error) return;
  const why = error.stackTrace.trimEnd().split("\n").at(-1);
  throw new DpError({ code: "airflow-failed", message: "Airflow can't load a canary DAG", why });
}

/** Makes Airflow forget a DAG whose file has gone; none is no error. */
export async function forgetCanary(
  client: AirflowClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  await client.find({ method: "DELETE", path: pathOf("dags", id), signal });
}

/** The canaries that runs which were killed have left. */
export async function leftCanaries(
  client: AirflowClient,
  now: number,
  signal: AbortSignal,
): Promise<string[]> {
  const ids = (await listDags(client, signal)).map(({ id }) => id);
  return ids.filter((id) => {
    const madeAt = id.startsWith(prefix) ? Number(id.slice(prefix.length).split("_")[0]) : NaN;
    return now - madeAt > leftAfterMs;
  });
}
