import { isOfDp, unpauseDag, type ImportError, type KnownDag } from "../../../airflow/dags.ts";
import { importFailure } from "../../../airflow/import-errors.ts";
import {
  createReadCheck,
  hasVersion,
  waitForPickup,
  type Pickup,
} from "../../../airflow/versions.ts";
import { runStep } from "../../../docker/engine/step.ts";
import { DpError } from "../../../errors.ts";
import type { Report } from "../../../report/choose.ts";
import type { RunningAirflow } from "../../../app/pipelines/airflow.ts";
import { unknownPipeline } from "../../../app/pipelines/target.ts";
import { send } from "../../../app/deploy/pipelines-phase.ts";
import type { SendableStack } from "../../../app/pipelines/dag-state.ts";
import { ownToRead, type Sent } from "../../../app/pipelines/send.ts";

export interface ReadyInput {
  readonly airflow: RunningAirflow;
  readonly stack: SendableStack;
  /** A pipeline of the file, or a DAG written by hand. */
  readonly name: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Sees to it that Airflow can run what the files say now: sends what changed, waits until Airflow has
 * exactly that. Throws DpError `unknown-pipeline`, `invalid-file` for mistakes in the code of a
 * pipeline, `airflow-failed` with the line of a hand-written DAG that can't be loaded.
 */
export async function makeReady(input: ReadyInput): Promise<void> {
  const { airflow, stack, name, report, signal } = input;
  const { emit } = report;
  const isOfFile = stack.pipelines.some((pipeline) => pipeline.name === name);
  const sent = await send({ stack, airflow, pipeline: name, report, signal });
  const work = (): Promise<void> =>
    isOfFile ? settlePipeline(input, sent) : settleOwn(input, sent);
  if (sent.changed.length === 0) await work();
  else await runStep({ emit, action: "send", target: name, work });
}

async function settlePipeline(
  { airflow: { client }, stack, name, signal }: ReadyInput,
  sent: Sent,
): Promise<void> {
  const wanted = sent.dags.find(({ pipeline }) => pipeline === name);
  if (!wanted) throw unknownPipeline(name, namesOf(stack, []));
  const { version, file } = wanted;
  const isRead = createReadCheck(sent.at);
  const failed = (now: Pickup): readonly ImportError[] =>
    isRead(now, file) ? now.errors.filter((error) => error.file === file) : [];
  const pickup = await waitForPickup({
    client,
    isDone: (now) => hasVersion(now.dags, { id: name, version, file }) || failed(now).length > 0,
    what: name,
    signal,
  });
  const errors = failed(pickup);
  if (errors.length > 0) throw importFailure(errors, "");
  const dag = pickup.dags.find(({ id }) => id === name);
  if (dag?.paused === true) await unpauseDag(client, name, signal);
}

async function settleOwn(input: ReadyInput, sent: Sent): Promise<void> {
  const { airflow, stack, name, signal } = input;
  const find = ({ dags }: Pickup): KnownDag | undefined =>
    dags.find((dag) => dag.id === name && !isOfDp(dag));
  const isRead = createReadCheck(sent.at);
  const isCurrent = (now: Pickup): boolean => {
    const dag = find(now);
    if (dag === undefined) return false;
    return !sent.changed.includes(dag.file) || isRead(now, dag.file);
  };
  const toRead = ownToRead(sent);
  const givesUpAt = performance.now() + unknownPatienceMs;
  const pickup = await waitForPickup({
    client: airflow.client,
    isDone: (now) =>
      isCurrent(now) ||
      toRead.every(({ path }) => isRead(now, path)) ||
      performance.now() > givesUpAt,
    what: name,
    signal,
  });
  const dag = find(pickup);
  const errors = pickup.errors.filter(({ file }) => dag === undefined || file === dag.file);
  if (errors.length > 0) throw importFailure(errors, stack.airflow?.dags ?? "");
  if (dag === undefined || dag.stale) throw unknownPipeline(name, namesOf(stack, pickup.dags));
  if (dag.paused) throw paused(name, airflow);
}

/**
 * Airflow never reports that it has read a file without a DAG, so the wait for such a file has to end. A
 * busy machine needs a minute for a file that defines the DAG.
 */
const unknownPatienceMs = 60_000;

function namesOf(stack: SendableStack, dags: readonly KnownDag[]): string[] {
  const known = dags.filter(({ stale }) => !stale).map(({ id }) => id);
  return [...new Set([...stack.pipelines.map(({ name }) => name), ...known])];
}

function paused(name: string, { client: { address } }: RunningAirflow): DpError {
  return new DpError({
    code: "airflow-failed",
    message: `${name} is paused in Airflow`,
    why: "a run of it would wait for ever; dp leaves the state of hand-written DAGs alone",
    next: `unpause it: http://${address.host}:${address.port}/dags/${name}`,
  });
}
