import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import { describeTooMany, type Placement } from "../../stack/placement.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController } from "../cluster/controller.ts";
import { findPlacements } from "./placements.ts";
import { describeQuorum } from "../cluster/quorum.ts";
import {
  awaitReassignments,
  listReassignments,
  replicasOf,
  startReassignments,
} from "./reassign.ts";
import { planReplicas, type PartitionReplicas } from "./replica-plan.ts";
import { describeLogDirsRequest } from "../protocol/admin-requests.ts";
import { brokerIdNotRegistered, errorText, noError } from "../protocol/error-codes.ts";
import { unregisterBrokerRequest } from "../protocol/reassign-requests.ts";

const roundMs = 200;
/** Brokers delete their copy some moments after a reassignment has ended. */
const deletionMs = 30_000;

export interface Drain {
  readonly cluster: Cluster;
  /** Ids of the brokers that are to hold nothing. */
  readonly leaving: readonly number[];
  readonly staying: readonly number[];
  readonly signal: AbortSignal;
  /** Gets how many partitions are left to move. */
  readonly told: (left: number) => void;
}

/**
 * Moves every replica from the brokers that leave to those that stay, and resolves when the brokers
 * that leave say that they hold no partition. Kafka's own topics get at most as many replicas as
 * brokers stay, and stay writable: min.insync.replicas asks for no more than all of them. What is
 * under way from an interrupted drain goes on. Throws DpError.
 */
export async function drainBrokers(drain: Drain): Promise<void> {
  const { cluster, leaving, staying, signal, told } = drain;
  let movedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const placements = await findPlacements(cluster);
    refuseTooMany(placements, staying);
    const goals = await startMoves(drain);
    if (goals.length > 0) {
      await awaitReassignments({ cluster, partitions: goals, signal, told });
      movedAt = performance.now();
      continue;
    }
    const complaints = await complaintsOf(drain, placements);
    if (complaints.length === 0) return;
    if (performance.now() - movedAt > deletionMs) {
      throw new DpError({
        code: "not-ready",
        message: `broker ${leaving.join(", ")} could not be drained`,
        why: complaints[0],
        evidence: complaints.slice(1),
        next: "dp status; dp up goes on from there",
      });
    }
    await sleep(roundMs, undefined, { signal });
  }
}

/** A topic that was made after the plan. */
function refuseTooMany(placements: readonly Placement[], staying: readonly number[]): void {
  const refusal = describeTooMany(placements, staying.length);
  if (refusal === undefined) return;
  throw new DpError({ code: "refused", message: "the brokers can't be drained", ...refusal });
}

/** Returns the partitions that are on their way, with where they go. */
async function startMoves({ cluster, leaving, staying }: Drain): Promise<PartitionReplicas[]> {
  const [{ topics }, ongoing] = await Promise.all([
    cluster.metadata("all"),
    listReassignments(cluster),
  ]);
  const all = replicasOf(topics, ongoing);
  const isLeft = ({ replicas }: PartitionReplicas) => replicas.some((id) => leaving.includes(id));
  const moves = planReplicas({
    partitions: all.filter(isLeft),
    others: all.filter((partition) => !isLeft(partition)),
    brokers: staying,
    replication: ({ replicas }) => Math.min(replicas.length, staying.length),
    balance: false,
  });
  await startReassignments(cluster, moves);
  const leavesAlready = ongoing.filter(({ removing }) =>
    removing.some((id) => leaving.includes(id)),
  );
  const goals = leavesAlready.flatMap(({ topic, partition }) =>
    all.filter((one) => one.topic === topic && one.partition === partition && !isLeft(one)),
  );
  return [...moves, ...goals];
}

/** What the brokers that leave still have a log of, as they say themselves. */
async function complaintsOf(
  { cluster, leaving, signal }: Drain,
  placements: readonly Placement[],
): Promise<string[]> {
  const wanted = placements.map(({ topic: name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => partition),
  }));
  const complaints = await Promise.all(
    leaving.map(async (id) => {
      try {
        const held = await cluster.ask(id, describeLogDirsRequest(wanted));
        return held.map(({ topic, partition }) => `broker ${id} has ${topic}-${partition}`);
      } catch (thrown) {
        signal.throwIfAborted();
        return [`broker ${id}: ${messageOf(thrown)}`];
      }
    }),
  );
  return complaints.flat();
}

/** Makes a KRaft cluster forget a broker that has stopped; with ZooKeeper there is nothing to forget. */
export async function unregisterBroker(cluster: Cluster, broker: number): Promise<void> {
  if ((await describeQuorum(cluster)) === undefined) return;
  const { answer } = await askController(cluster, {
    request: unregisterBrokerRequest(broker),
    action: `unregister broker ${broker}`,
    isChange: true,
    hint: "dp status",
  });
  const { errorCode, errorMessage } = answer;
  if (errorCode === noError || errorCode === brokerIdNotRegistered) return;
  throw new DpError({
    code: "kafka-failed",
    message: `broker ${broker} is still registered`,
    why: errorText(errorCode, errorMessage),
    next: "dp up",
  });
}
