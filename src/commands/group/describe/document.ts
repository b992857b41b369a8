import type { ObservedGroup } from "../../../kafka/groups/observe.ts";
import type { UnreadTime } from "../../../kafka/groups/age.ts";
import { sumLag, type PartitionLag } from "../../../kafka/groups/lag.ts";
import type { BrokerNode } from "../../../kafka/cluster/cluster.ts";

/** How far behind: in records, and as the age of the oldest unread one; null where it is not known. */
interface Behind {
  readonly lag: number;
  readonly behindMs: number | null;
}

interface PartitionDocument extends Behind {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number | null;
  readonly logStart: number;
  readonly end: number;
  /** The id of the member that reads it. */
  readonly member: string | null;
}

interface MemberDocument extends Behind {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

/** A group as `dp group describe --json` prints it. */
export interface GroupDocument {
  readonly group: string;
  readonly type: string;
  readonly state: string;
  readonly assignor: string | null;
  readonly coordinator: { readonly id: number; readonly address: string | null };
  /** Null where dp can't ask for it: of share and streams groups. */
  readonly members: readonly MemberDocument[] | null;
  readonly topics: readonly ({ readonly topic: string; readonly partitions: number } & Behind)[];
  readonly partitions: readonly PartitionDocument[];
  readonly lag: number | null;
  readonly behindMs: number | null;
}

interface Timed {
  readonly lag: PartitionLag;
  /** When its oldest unread record was written. */
  readonly oldest: UnreadTime;
}

/** `oldest` stands in the order of the group's lags; `now` is epoch milliseconds. Pure. */
export function groupDocument(
  group: ObservedGroup,
  known: {
    readonly oldest: readonly UnreadTime[];
    readonly nodes: readonly BrokerNode[];
    readonly now: number;
  },
): GroupDocument {
  const { name, type, state, assignor, coordinator, members, lags } = group;
  const { nodes, now } = known;
  const timed = (lags ?? []).map((lag, index): Timed => ({ lag, oldest: known.oldest[index] }));
  const readerOf = new Map(
    (members ?? []).flatMap(({ id, partitions }) =>
      partitions.map(({ topic, partition }) => [`${partition} ${topic}`, id] as const),
    ),
  );
  const node = nodes.find(({ id }) => id === coordinator);
  const topics = [...new Set(timed.map(({ lag }) => lag.topic))].toSorted();
  return {
    group: name,
    type,
    state,
    assignor: assignor === "" ? null : assignor,
    coordinator: { id: coordinator, address: node ? `${node.host}:${node.port}` : null },
    members:
      members?.map(({ id, instanceId, clientId, host, partitions }) => {
        const own = timed.filter(({ lag }) => readerOf.get(`${lag.partition} ${lag.topic}`) === id);
        return { id, instanceId, clientId, host, partitions, ...behind(own, now) };
      }) ?? null,
    topics: topics.map((topic) => {
      const own = timed.filter(({ lag }) => lag.topic === topic);
      return { topic, partitions: own.length, ...behind(own, now) };
    }),
    partitions: timed.map((one) => {
      const { topic, partition, committed, logStart, end } = one.lag;
      const member = readerOf.get(`${partition} ${topic}`) ?? null;
      const offsets = { committed: committed ?? null, logStart, end };
      return { topic, partition, ...offsets, ...behind([one], now), member };
    }),
    ...(lags === undefined ? { lag: null, behindMs: null } : behind(timed, now)),
  };
}

function behind(timed: readonly Timed[], now: number): Behind {
  const lag = sumLag(timed.map((one) => one.lag));
  if (lag === 0) return { lag, behindMs: 0 };
  // The oldest of those that are known may not be the oldest of all.
  if (timed.some(({ oldest }) => typeof oldest === "object")) return { lag, behindMs: null };
  const times = timed.flatMap(({ oldest }) => (typeof oldest === "number" ? oldest : []));
  return { lag, behindMs: times.length === 0 ? null : Math.max(0, now - Math.min(...times)) };
}

/** Why the age of unread records is not known, a sentence for each partition. Pure. */
export function unknownAges(
  { name, lags = [] }: ObservedGroup,
  oldest: readonly UnreadTime[],
): string[] {
  return lags.flatMap(({ topic, partition }, index) => {
    const time = oldest[index];
    if (typeof time !== "object") return [];
    const where = `group ${name}: ${topic} partition ${partition}`;
    return [`${where}: can't read the oldest unread record: ${time.reason}`];
  });
}

/** What is wrong with the offsets of a group, a sentence each. Pure. */
export function remarksOf({ name, lags = [] }: ObservedGroup): string[] {
  return lags.flatMap(({ topic, partition, committed, logStart, end }) => {
    if (committed === undefined || (committed >= logStart && committed <= end)) return [];
    const where = `group ${name}: ${topic} partition ${partition}`;
    return committed > end
      ? [`${where}: offset ${committed} is beyond the end, ${end}: the log is not the one it was`]
      : [
          `${where}: ${logStart - committed} offsets were removed from the log before they were read`,
        ];
  });
}
