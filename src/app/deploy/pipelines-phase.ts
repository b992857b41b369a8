import { isOfDp, unpauseDag, type ImportError, type KnownDag } from "../../airflow/dags.ts";
import { listRuns } from "../../airflow/runs.ts";
import { waitForPickup } from "../../airflow/versions.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { findReadOnlyFolders } from "../../docker/exec/read-only-folders.ts";
import type { Report } from "../../report/choose.ts";
import { formatDuration } from "../../report/format.ts";
import type { Observed } from "../../model/containers.ts";
import type { ServiceVolume } from "../../model/settings.ts";
import { airflowService, airflowUser, containerName } from "../../stack/names.ts";
import { withAirflow, type RunningAirflow } from "../pipelines/airflow.ts";
import type { SendableStack } from "../pipelines/dag-state.ts";
import { listCurrentErrors } from "../pipelines/broken-dags.ts";
import { pathOfDag } from "../pipelines/file-pipelines.ts";
import { sendPipelines, type Sent } from "../pipelines/send.ts";
import { awaitedOf, createSettling, currentErrors, type UnreadFile } from "./settle-dags.ts";

/** A custom file may only look as if it defined a DAG. */
const ownPatienceMs = 10_000;

export interface PipelinesInput {
  readonly stack: SendableStack & {
    readonly airflow: { readonly volumes: readonly ServiceVolume[] } | undefined;
  };
  readonly engine: Engine;
  /** With Airflow's container running. */
  readonly observed: Observed;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** What `dp up` may take until the stack is ready. */
  readonly timeoutMs: number;
  /** What this command sent before Airflow was ready. */
  readonly ahead: Sent | undefined;
}

/** Reading many files takes an Airflow that has just started a while, also where it was ready soon. */
const leastMs = 60_000;

/**
 * Sends the pipelines and custom DAGs of a ready stack to its Airflow, and waits until they are known
 * there. Returns the errors of the files that Airflow can't load. Throws DpError `invalid-file` for
 * mistakes in the code.
 */
export async function bringUpPipelines(input: PipelinesInput): Promise<readonly ImportError[]> {
  const { stack, engine, observed, report, signal, ahead } = input;
  if (!stack.airflow) return [];
  const timeoutMs = Math.max(leastMs, input.timeoutMs);
  const on = { name: stack.name, engine, observed, callMs: timeoutMs };
  return withAirflow(on, async (airflow) => {
    const sentNow = await send({ stack, airflow, report, signal });
    await warnReadOnlyFolders(input, airflow);
    const sent = sentNow.changed.length === 0 && ahead ? ahead : sentNow;
    const errors = await settleDags({ stack, airflow, sent, report, signal, timeoutMs });
    return sent.changed.length === 0 ? listCurrentErrors(airflow, signal) : errors;
  });
}

async function warnReadOnlyFolders(
  { stack, report, signal }: PipelinesInput,
  { container }: RunningAirflow,
): Promise<void> {
  const mounted = (stack.airflow?.volumes ?? []).flatMap((volume) =>
    volume.kind === "bind" && !volume.readOnly ? [volume] : [],
  );
  const targets = mounted.map(({ target }) => target);
  const found = await findReadOnlyFolders(container, targets, signal);
  for (const { source, target } of mounted.filter((volume) => found.includes(volume.target))) {
    const reason = `it runs as user ${airflowUser.uid} of group ${airflowUser.gid}`;
    const text = `Airflow can't write to ${target}, because ${reason}; run chmod -R a+rwX ${source}, or add :ro to the volume`;
    report.emit({ type: "note", level: "warning", text });
  }
}

/**
 * Sends the pipelines to an Airflow that starts, so that its first look at its folder finds them. What
 * goes wrong is left to bringUpPipelines, which sends what is not there; nothing is returned then.
 */
export async function sendAhead(
  input: Pick<PipelinesInput, "stack" | "engine" | "report" | "signal">,
): Promise<Sent | undefined> {
  const { stack, engine, report, signal } = input;
  const client = await engine.client();
  const container = client.getContainer(containerName(stack.name, airflowService));
  // Runs that a killed Airflow left may go on: their code stays.
  const isRunning = async (): Promise<boolean> => true;
  const sending = sendPipelines({ stack, client, container, isRunning, emit: report.emit, signal });
  return sending.catch(() => undefined);
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
 * custom files that changed; unpauses those of dp's that are new to it. Returns the import errors then.
 */
async function settleDags(input: {
  readonly stack: SendableStack;
  readonly airflow: RunningAirflow;
  readonly sent: Sent;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<readonly ImportError[]> {
  const { stack, airflow, sent, report, signal, timeoutMs } = input;
  const { client } = airflow;
  const awaited = awaitedOf(sent);
  const compare = createSettling(awaited);
  const startedAt = performance.now();
  // Another command may have deployed a moment ago without a wait for all files.
  const isUnchanged = sent.changed.length === 0 && sent.own.length > 0;
  const sentAt = isUnchanged ? ((await airflow.sentAt(signal)) ?? 0) : 0;
  const isBehind = (dag: KnownDag): boolean => !dag.stale && !isOfDp(dag) && dag.parsedAt < sentAt;
  let unread: readonly UnreadFile[] = [];
  let othersSinceMs = 0;
  const pickup = await waitForPickup({
    client,
    isDone: (now) => {
      const { hasVersions, unread: left } = compare(now);
      unread = left;
      const passedMs = performance.now() - startedAt;
      if (passedMs > timeoutMs) return hasVersions;
      const isWaiting = !hasVersions || unread.some(({ isExpected }) => isExpected);
      // Airflow reads all files in turn: the others come soon after those that it reports.
      if (isWaiting) othersSinceMs = passedMs;
      const isComplete = unread.length === 0 && !now.dags.some(isBehind);
      return !isWaiting && (isComplete || passedMs - othersSinceMs > ownPatienceMs);
    },
    what: awaited.wanted.length === 1 ? "the pipeline" : "all pipelines",
    signal,
    timeoutMs,
  });
  const paused = pickup.dags.filter(
    (dag) => dag.paused && isOfDp(dag) && awaited.wanted.some(({ id }) => id === dag.id),
  );
  await Promise.all(paused.map(({ id }) => unpauseDag(client, id, signal)));
  for (const { path } of unread.filter(({ isExpected }) => isExpected)) {
    const file = pathOfDag(path, stack);
    const text = `Airflow has not read ${file} within ${formatDuration(timeoutMs)}; run dp health`;
    report.emit({ type: "note", level: "warning", text });
  }
  return currentErrors(pickup, awaited, unread);
}
