/** The brokers that hold a partition, the preferred leader first. */
export interface PartitionReplicas {
  readonly topic: string;
  readonly partition: number;
  readonly replicas: readonly number[];
}

export interface ReplicaMove extends PartitionReplicas {
  readonly before: readonly number[];
}

export interface ReplicaWish {
  /** Those that may change. */
  readonly partitions: readonly PartitionReplicas[];
  /** Those that stay as they are, and count for the balance. */
  readonly others: readonly PartitionReplicas[];
  /** Ids of the brokers that may hold replicas. */
  readonly brokers: readonly number[];
  /** How many replicas each partition gets; at most as many as there are brokers. */
  readonly replication: (partition: PartitionReplicas) => number;
  /** Moves replicas and preferred leaders also where that only makes the brokers more alike. */
  readonly balance: boolean;
}

/** A partition while it is planned. */
interface Place {
  readonly partition: PartitionReplicas;
  /** Brokers from before that stay. */
  readonly kept: Set<number>;
  readonly added: Set<number>;
}

/**
 * The partitions that get other replicas or another preferred leader. What has a place among the
 * brokers stays there; what needs one gets it where least is. A preferred leader that stays remains
 * it; others are spread. Pure.
 */
export function planReplicas(wish: ReplicaWish): ReplicaMove[] {
  const { partitions, others, brokers, balance } = wish;
  const places = partitions.map((partition): Place => ({
    partition,
    kept: new Set(partition.replicas.filter((id) => brokers.includes(id))),
    added: new Set(),
  }));
  const load = countOf(brokers, [
    ...others.flatMap(({ replicas }) => replicas),
    ...places.flatMap(({ kept }) => [...kept]),
  ]);
  for (const place of places) drop(place, { load, count: wish.replication(place.partition) });
  for (const place of places) add(place, { load, count: wish.replication(place.partition) });
  even({ places, load, movable: balance ? "all" : "added" });
  return withLeaders({ places, others, brokers, balance }).filter(
    ({ before, replicas }) => before.join() !== replicas.join(),
  );
}

type Counts = Map<number, number>;

function countOf(brokers: readonly number[], ids: readonly number[]): Counts {
  const counts: Counts = new Map(brokers.map((id) => [id, 0]));
  for (const id of ids) if (counts.has(id)) change(counts, id, 1);
  return counts;
}

function change(counts: Counts, id: number, by: number): void {
  counts.set(id, (counts.get(id) ?? 0) + by);
}

interface Target {
  readonly load: Counts;
  readonly count: number;
}

/** The preferred leader is the last to go: nobody has to look for another one. */
function drop({ partition, kept }: Place, { load, count }: Target): void {
  while (kept.size > count) {
    const followers = [...kept].filter((id) => id !== partition.replicas[0]);
    const id = fullest(followers, load);
    kept.delete(id);
    change(load, id, -1);
  }
}

function add({ kept, added }: Place, { load, count }: Target): void {
  while (kept.size + added.size < count) {
    const free = [...load.keys()].filter((id) => !kept.has(id) && !added.has(id));
    if (free.length === 0) return;
    const id = emptiest(free, load);
    added.add(id);
    change(load, id, 1);
  }
}

/** Moves one replica after another from a broker with at least two more to one with fewer. */
function even(options: {
  readonly places: readonly Place[];
  readonly load: Counts;
  readonly movable: "added" | "all";
}): void {
  const { places, load, movable } = options;
  const loadOf = (id: number): number => load.get(id) ?? 0;
  const improve = ({ kept, added }: Place): boolean => {
    const free = [...load.keys()].filter((id) => !kept.has(id) && !added.has(id));
    const from = movable === "all" ? [...added, ...kept] : [...added];
    if (free.length === 0 || from.length === 0) return false;
    const [source, goal] = [fullest(from, load), emptiest(free, load)];
    if (loadOf(source) - loadOf(goal) < 2) return false;
    if (!added.delete(source)) kept.delete(source);
    added.add(goal);
    change(load, source, -1);
    change(load, goal, 1);
    return true;
  };
  let improved = true;
  while (improved) improved = places.map(improve).includes(true);
}

function withLeaders(options: {
  readonly places: readonly Place[];
  readonly others: readonly PartitionReplicas[];
  readonly brokers: readonly number[];
  readonly balance: boolean;
}): ReplicaMove[] {
  const { places, others, brokers, balance } = options;
  const ordered = places.map(({ partition, kept, added }) => {
    const before = partition.replicas;
    const members = new Set([...kept, ...added]);
    const joining = [...added].filter((id) => !before.includes(id));
    return {
      ...partition,
      before,
      replicas: [...before.filter((id) => members.has(id)), ...joining],
    };
  });
  const staysLeader = ({ before, replicas }: ReplicaMove): boolean => replicas[0] === before[0];
  const leaders = countOf(brokers, [
    ...others.flatMap(({ replicas }) => replicas.slice(0, 1)),
    ...ordered.filter(staysLeader).flatMap(({ replicas }) => replicas.slice(0, 1)),
  ]);
  const led = ordered.map((move) => {
    if (staysLeader(move)) return move;
    const chosen = emptiest(move.replicas, leaders);
    change(leaders, chosen, 1);
    return ledBy(move, chosen);
  });
  return balance ? evenLeaders(led, leaders) : led;
}

function evenLeaders(moves: readonly ReplicaMove[], leaders: Counts): ReplicaMove[] {
  let improved = false;
  const better = moves.map((move) => {
    const leader = move.replicas[0] ?? -1;
    const chosen = emptiest(move.replicas, leaders);
    if ((leaders.get(leader) ?? 0) - (leaders.get(chosen) ?? 0) < 2) return move;
    improved = true;
    change(leaders, leader, -1);
    change(leaders, chosen, 1);
    return ledBy(move, chosen);
  });
  return improved ? evenLeaders(better, leaders) : better;
}

function ledBy(move: ReplicaMove, leader: number): ReplicaMove {
  return { ...move, replicas: [leader, ...move.replicas.filter((id) => id !== leader)] };
}

/** The first one with the least. */
function emptiest(ids: readonly number[], counts: Counts): number {
  return ids.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0))[0] ?? -1;
}

/** The last one with the most. */
function fullest(ids: readonly number[], counts: Counts): number {
  return ids.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0)).at(-1) ?? -1;
}
