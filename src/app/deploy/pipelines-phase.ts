import { isOfDp, unpauseDag } from "../../airflow/dags.ts";
import { hintForTrouble, readImportError } from "../../airflow/import-errors.ts";
import { listRuns } from "../../airflow/runs.ts";
import { createReadCheck, hasVersion, waitForPickup, type Pickup } from "../../airflow/versions.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import type { Report } from "../../report/choose.ts";
import type { Observed } from "../../model/containers.ts";
import { airflowService, containerName } from "../../stack/names.ts";
import { withAirflow, type RunningAirflow } from "../pipelines/airflow.ts";
import type { SendableStack } from "../pipelines/dag-state.ts";
import { ownToRead, sendPipelines, type Sent } from "../pipelines/send.ts";

/** A hand-written file may only look as if it held a DAG. */
const ownPatienceMs = 10_000;

export interface PipelinesInput {
  readonly stack: SendableStack;
  readonly engine: Engine;
  /** With Airflow's container running. */
  readonly observed: Observed;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** What `dp up` may take until the stack is ready. */
  readonly timeoutMs: number;
}

/** Reading many files takes an Airflow that has just started a while, also where it was ready soon. */
const leastMs = 60_000;

/**
 * Sends the pipelines and hand-written DAGs of a ready stack to its Airflow, and waits until they are
 * known there. Throws DpError `invalid-file` for mistakes in the code; what is wrong in a hand-written
 * DAG is a warning, because the stack is ready all the same.
 */
export async function bringUpPipelines(input: PipelinesInput): Promise<void> {
  const { stack, engine, observed, report, signal } = input;
  if (!stack.airflow) return;
  const timeoutMs = Math.max(leastMs, input.timeoutMs);
  const on = { name: stack.name, engine, observed, callMs: timeoutMs };
  await withAirflow(on, async (airflow) => {
    const sent = await send({ stack, airflow, report, signal });
    const { errors } = await settleDags({ airflow, sent, signal, timeoutMs });
    for (const error of errors) {
      const trouble = readImportError(error);
      const { file, line, message, missingModule, replacement } = trouble;
      const isKnown = missingModule !== undefined || replacement !== undefined;
      const hint = isKnown ? `; ${hintForTrouble(trouble)}` : "";
      const place = `${stack.airflow?.dags ?? ""}/${file}${line === undefined ? "" : `:${line}`}`;
      const text = `Airflow can't load ${place}: ${message}${hint}`;
      report.emit({ type: "note", level: "warning", text });
    }
  });
}

/**
 * Sends the pipelines to an Airflow that starts, so that its first look at its folder finds them. What
 * goes wrong is left to bringUpPipelines, which sends what is not there.
 */
export async function sendAhead(
  input: Pick<PipelinesInput, "stack" | "engine" | "report" | "signal">,
): Promise<void> {
  const { stack, engine, report, signal } = input;
  const client = await engine.client();
  const container = client.getContainer(containerName(stack.name, airflowService));
  // Runs that a killed Airflow left may go on: their code stays.
  const isRunning = async (): Promise<boolean> => true;
  await sendPipelines({ stack, client, container, isRunning, emit: report.emit, signal }).catch(
    () => {},
  );
}

export interface SendRequest {
  readonly stack: SendableStack;
  readonly airflow: RunningAirflow;
  /** The one that must be free of mistakes; all when left out. */
  readonly pipeline?: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** sendPipelines, joined with the Airflow that runs. */
export function send({ stack, airflow, pipeline, report, signal }: SendRequest): Promise<Sent> {
  const { client, container, docker } = airflow;
  return sendPipelines({
    stack,
    client: docker,
    container,
    ...(pipeline === undefined ? {} : { pipeline }),
    isRunning: async () => {
      const query = { state: "running", limit: 1 } as const;
      return (await listRuns(client, query, signal)).length > 0;
    },
    emit: report.emit,
    signal,
  });
}

/**
 * Waits until Airflow has the DAGs of all pipelines in the versions that were sent, and has read the
 * hand-written files that changed; unpauses those of dp's that are new to it. Returns what it has then.
 */
async function settleDags(input: {
  readonly airflow: RunningAirflow;
  readonly sent: Sent;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<Pickup> {
  const { airflow, sent, signal, timeoutMs } = input;
  const { client } = airflow;
  const wanted = sent.dags.map(({ pipeline: id, version, file }) => ({ id, version, file }));
  const toRead = ownToRead(sent).filter(({ content }) => holdsDag(content));
  const isRead = createReadCheck(sent.at);
  const givesUpAt = performance.now() + ownPatienceMs;
  const pickup = await waitForPickup({
    client,
    isDone: (now) =>
      (toRead.every(({ path }) => isRead(now, path)) || performance.now() > givesUpAt) &&
      wanted.every((dag) => hasVersion(now.dags, dag)),
    what: wanted.length === 1 ? "the pipeline" : "all pipelines",
    signal,
    timeoutMs,
  });
  const paused = pickup.dags.filter(
    (dag) => dag.paused && isOfDp(dag) && wanted.some(({ id }) => id === dag.id),
  );
  await Promise.all(paused.map(({ id }) => unpauseDag(client, id, signal)));
  return pickup;
}

/** Most files that contain one of these words define a DAG. */
function holdsDag(content: Buffer | string): boolean {
  return /\bDAG\b|@dag\b/.test(content.toString());
}
