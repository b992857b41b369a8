import { DpError } from "../../../errors.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { describeTopicsOrFail } from "../../../kafka/read/log-ranges.ts";
import { listReassignments, replicasOf } from "../../../kafka/topics/reassign.ts";
import {
  planReplicas,
  type PartitionReplicas,
  type ReplicaMove,
} from "../../../kafka/topics/replica-plan.ts";
import type { ReassignWish } from "./options.ts";

type Spread = Extract<ReassignWish, { kind: "spread" }>;
type Explicit = Extract<ReassignWish, { kind: "explicit" }>;

interface Found {
  /** Of all topics. */
  readonly partitions: readonly PartitionReplicas[];
  /** Ids of the brokers that run. */
  readonly brokers: readonly number[];
}

/**
 * What has to move; `names` are the topics, none means all. Throws DpError for unknown topics,
 * partitions and brokers, and for more replicas than brokers.
 */
export async function planMoves(
  cluster: Cluster,
  wish: Spread | Explicit,
  names: readonly string[],
): Promise<ReplicaMove[]> {
  await describeTopicsOrFail(cluster, names);
  const [{ topics, brokers }, ongoing] = await Promise.all([
    cluster.metadata("all"),
    listReassignments(cluster),
  ]);
  const found = {
    partitions: replicasOf(topics, ongoing),
    brokers: brokers.map(({ id }) => id).toSorted((a, b) => a - b),
  };
  return wish.kind === "explicit" ? placeMoves(found, wish) : spreadMoves(found, wish, names);
}

function placeMoves({ partitions, brokers }: Found, { topic, replicas }: Explicit): ReplicaMove[] {
  return [...replicas].flatMap(([number, wanted]) => {
    const partition = partitions.find((one) => one.topic === topic && one.partition === number);
    if (!partition) {
      throw wrong(`topic "${topic}" has no partition ${number}`, `dp topic describe ${topic}`);
    }
    const missing = wanted.find((id) => !brokers.includes(id));
    if (missing !== undefined) throw unknownBroker(missing, brokers);
    if (partition.replicas.join() === wanted.join()) return [];
    return [{ ...partition, before: partition.replicas, replicas: wanted }];
  });
}

function spreadMoves(
  { partitions, brokers }: Found,
  { replication, off, balance }: Spread,
  names: readonly string[],
): ReplicaMove[] {
  const isMeant = ({ topic }: PartitionReplicas) => names.length === 0 || names.includes(topic);
  const meant = partitions.filter(isMeant);
  const holders = new Set(partitions.flatMap(({ replicas }) => replicas));
  const unknown = off.find((id) => !brokers.includes(id) && !holders.has(id));
  if (unknown !== undefined) throw unknownBroker(unknown, brokers);
  const allowed = brokers.filter((id) => !off.includes(id));
  refuseAway(meant, [...allowed, ...off]);
  const countOf = ({ replicas }: PartitionReplicas) => replication ?? replicas.length;
  refuseTooMany({ meant, countOf, allowed: allowed.length, off });
  return planReplicas({
    partitions: meant,
    others: partitions.filter((partition) => !isMeant(partition)),
    brokers: allowed,
    replication: countOf,
    balance,
  });
}

/** It may come back with its data: whether to give that up is for a person to say. */
function refuseAway(meant: readonly PartitionReplicas[], known: readonly number[]): void {
  for (const { topic, partition, replicas } of meant) {
    const away = replicas.find((id) => !known.includes(id));
    if (away === undefined) continue;
    throw new DpError({
      code: "refused",
      message: `broker ${away} does not run`,
      why: `it holds a replica of ${topic}-${partition}, among others perhaps`,
      next: `start it (dp up), or add --off ${away}: what has replicas elsewhere is copied from there`,
    });
  }
}

function refuseTooMany(options: {
  readonly meant: readonly PartitionReplicas[];
  readonly countOf: (partition: PartitionReplicas) => number;
  readonly allowed: number;
  readonly off: readonly number[];
}): void {
  const { meant, countOf, allowed, off } = options;
  const large = meant.filter((partition) => countOf(partition) > allowed);
  if (large.length === 0) return;
  const topics = [...new Set(large.map(({ topic }) => topic))];
  throw new DpError({
    code: "refused",
    message: `${allowed} ${allowed === 1 ? "broker is" : "brokers are"} too few for ${topics.join(", ")}`,
    why: `a broker holds at most one replica of a partition, and ${Math.max(...large.map(countOf))} are wanted`,
    next:
      allowed === 0
        ? "dp status"
        : `dp topic reassign ${topics.join(" ")} -r ${allowed}${off.length > 0 ? ` --off ${off.join()}` : ""}`,
  });
}

function unknownBroker(id: number, brokers: readonly number[]): DpError {
  return wrong(`there is no broker ${id} that runs`, `the brokers are ${brokers.join(", ")}`);
}

function wrong(message: string, next: string): DpError {
  return new DpError({ code: "usage", message, next });
}
