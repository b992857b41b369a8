import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController, requestMs } from "../cluster/controller.ts";
import type { PartitionReplicas } from "./replica-plan.ts";
import { errorText, noError, noReassignmentInProgress } from "../protocol/error-codes.ts";
import {
  metadataRequest,
  type PartitionAt,
  type TopicMetadata,
} from "../protocol/read-requests.ts";
import {
  alterReassignmentsRequest,
  listReassignmentsRequest,
  type OngoingReassignment,
  type PartitionsAnswer,
  type Reassignment,
} from "../protocol/reassign-requests.ts";

export type { OngoingReassignment } from "../protocol/reassign-requests.ts";

const roundMs = 100;
/** So long may a broker or leader be away before a wait for it ends. */
const patienceMs = 30_000;
const seenMs = 10_000;

/** All reassignments under way. Throws DpError with the broker's words. */
export async function listReassignments(cluster: Cluster): Promise<OngoingReassignment[]> {
  const { answer } = await askController(cluster, {
    request: listReassignmentsRequest(requestMs),
    action: "list the reassignments",
    isChange: false,
    hint: "dp status",
  });
  failOn(answer, "can't tell which reassignments are under way");
  return answer.partitions.toSorted(byPlace);
}

/** A partition's replicas as they will be when what is under way has ended. */
export function replicasOf(
  topics: readonly TopicMetadata[],
  ongoing: readonly OngoingReassignment[],
): PartitionReplicas[] {
  return topics
    .flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partition, replicas }) => {
        const move = ongoing.find((one) => isSame(one, { topic, partition }));
        const leaving = move?.removing ?? [];
        return { topic, partition, replicas: replicas.filter((id) => !leaving.includes(id)) };
      }),
    )
    .toSorted(byPlace);
}

/**
 * Kafka takes the new replicas and moves the data by itself; a partition that is moving already gets
 * another goal. Throws DpError with the broker's words when it does not take one of them.
 */
export async function startReassignments(
  cluster: Cluster,
  partitions: readonly PartitionReplicas[],
): Promise<void> {
  const message = "replicas were not moved";
  await alter(cluster, partitions, { action: "move replicas", message });
}

/**
 * Cancels reassignments: the replicas from before stay. Resolves when all brokers that answer know it,
 * so that the next command does not show replicas that are gone.
 */
export async function cancelReassignments(
  cluster: Cluster,
  ongoing: readonly OngoingReassignment[],
  signal: AbortSignal,
): Promise<void> {
  if (ongoing.length === 0) return;
  const cancelled = ongoing.map(({ topic, partition }) => ({ topic, partition, replicas: null }));
  const message = "the reassignment was not cancelled";
  await alter(cluster, cancelled, { action: "cancel the reassignment", message });
  const partitions = ongoing.map(({ topic, partition, replicas, adding }) => ({
    topic,
    partition,
    replicas: replicas.filter((id) => !adding.includes(id)),
  }));
  await untilSeen(cluster, { partitions, signal });
}

async function alter(
  cluster: Cluster,
  reassignments: readonly Reassignment[],
  { action, message }: { readonly action: string; readonly message: string },
): Promise<void> {
  const [{ topic } = { topic: "" }] = reassignments;
  if (reassignments.length === 0) return;
  const { answer } = await askController(cluster, {
    request: alterReassignmentsRequest(reassignments, requestMs),
    action,
    isChange: true,
    hint: `dp topic describe ${topic}`,
  });
  failOn(answer, message);
  const failures = answer.partitions.filter(
    ({ errorCode }) => errorCode !== noError && errorCode !== noReassignmentInProgress,
  );
  const [first] = failures;
  if (first === undefined) return;
  const lines = failures.map(
    (one) => `${one.topic}-${one.partition}: ${errorText(one.errorCode, one.errorMessage)}`,
  );
  throw new DpError({
    code: "kafka-failed",
    message,
    why: lines[0],
    evidence: lines.slice(1),
    next: `dp topic describe ${first.topic}`,
  });
}

function failOn(answer: PartitionsAnswer<PartitionAt>, message: string): void {
  if (answer.errorCode === noError) return;
  const why = errorText(answer.errorCode, answer.errorMessage);
  throw new DpError({ code: "kafka-failed", message, why });
}

/**
 * Resolves when all partitions are where they were to go and every broker knows it. `told` gets how many
 * are left, each time that this changes. Throws DpError `not-ready` when one can't go on for 30 s,
 * because a broker or a leader is away.
 */
export async function awaitReassignments(wait: {
  readonly cluster: Cluster;
  /** With the replicas that they are to get. */
  readonly partitions: readonly PartitionReplicas[];
  readonly signal: AbortSignal;
  readonly told: (left: number) => void;
}): Promise<void> {
  const { cluster, partitions, signal, told } = wait;
  let last: number | undefined;
  let stuckSince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const ongoing = await listReassignments(cluster);
    const left = ongoing.filter((one) => partitions.some((wanted) => isSame(one, wanted)));
    if (left.length !== last) told(left.length);
    last = left.length;
    if (left.length === 0) break;
    const trouble = await troubleOf(cluster, left);
    stuckSince = trouble === undefined ? undefined : (stuckSince ?? performance.now());
    if (stuckSince !== undefined && performance.now() - stuckSince > patienceMs) {
      throw new DpError({
        code: "not-ready",
        message: `${left.length} ${left.length === 1 ? "partition is" : "partitions are"} still moving`,
        why: trouble,
        next: "dp status; Kafka goes on moving them when all brokers run",
      });
    }
    await sleep(roundMs, undefined, { signal });
  }
  await untilSeen(cluster, { partitions, signal });
}

/** Brokers learn of it at different moments; one that does not answer is not waited for. */
async function untilSeen(
  cluster: Cluster,
  wait: { readonly partitions: readonly PartitionReplicas[]; readonly signal: AbortSignal },
): Promise<void> {
  const { partitions, signal } = wait;
  const request = metadataRequest([...new Set(partitions.map(({ topic }) => topic))]);
  const deadline = performance.now() + seenMs;
  for (;;) {
    signal.throwIfAborted();
    const views = await Promise.all(
      cluster.nodes().map(({ id }) => cluster.ask(id, request).catch(() => undefined)),
    );
    const isSeen = views.every((view) => !view || isAsPlanned(view.topics, partitions));
    if (isSeen || performance.now() > deadline) return;
    await sleep(roundMs, undefined, { signal });
  }
}

/** A topic that was deleted meanwhile is as good as moved. */
function isAsPlanned(
  topics: readonly TopicMetadata[],
  wanted: readonly PartitionReplicas[],
): boolean {
  return topics.every(({ name: topic, partitions }) =>
    partitions.every(({ partition, replicas }) => {
      const goal = wanted.find((one) => isSame(one, { topic, partition }));
      return goal === undefined || goal.replicas.join() === replicas.join();
    }),
  );
}

/** Why a partition can't move; undefined when all of them can. */
async function troubleOf(
  cluster: Cluster,
  moving: readonly OngoingReassignment[],
): Promise<string | undefined> {
  const { brokers, topics } = await cluster.metadata([
    ...new Set(moving.map(({ topic }) => topic)),
  ]);
  const alive = new Set(brokers.map(({ id }) => id));
  for (const { topic, partition, adding } of moving) {
    const away = adding.find((id) => !alive.has(id));
    if (away !== undefined) return `${topic}-${partition} waits for broker ${away}, which is away`;
    const found = topics.find(({ name }) => name === topic)?.partitions;
    const leader = found?.find((one) => one.partition === partition)?.leader ?? -1;
    if (leader < 0) return `${topic}-${partition} has no leader`;
  }
  return undefined;
}

function isSame(one: PartitionAt, other: PartitionAt): boolean {
  return one.topic === other.topic && one.partition === other.partition;
}

function byPlace(a: PartitionAt, b: PartitionAt): number {
  if (a.topic === b.topic) return a.partition - b.partition;
  return a.topic < b.topic ? -1 : 1;
}
