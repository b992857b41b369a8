import { expect, test } from "vitest";
import {
  planReplicas,
  type PartitionReplicas,
  type ReplicaMove,
  type ReplicaWish,
} from "../../../src/kafka/topics/replica-plan.ts";
import { createRandom, type Random } from "../../support/random.ts";

function topicOf(topic: string, placed: readonly (readonly number[])[]): PartitionReplicas[] {
  return placed.map((replicas, partition) => ({ topic, partition, replicas }));
}

/** Keeps the replication; `but` says otherwise. */
function planned(
  placed: readonly (readonly number[])[],
  but: Partial<ReplicaWish> & Pick<ReplicaWish, "brokers">,
): (readonly number[])[] {
  const partitions = topicOf("orders", placed);
  const moves = planReplicas({
    partitions,
    others: [],
    replication: ({ replicas }) => replicas.length,
    balance: false,
    ...but,
  });
  return partitions.map(({ partition, replicas }) => {
    return moves.find((move) => move.partition === partition)?.replicas ?? replicas;
  });
}

function sorted(ids: readonly (number | undefined)[]): (number | undefined)[] {
  return ids.toSorted((a = 0, b = 0) => a - b);
}

test("a replica on a broker that leaves must go to the one that has least", () => {
  expect(planned([[1], [2], [3], [3]], { brokers: [1, 2] })).toEqual([[1], [2], [1], [2]]);
  const others = topicOf("payments", [[1], [1], [1]]);
  expect(planned([[1, 3]], { brokers: [1, 2, 4], others })).toEqual([[1, 2]]);
});

test("what has a place must stay there, however uneven the brokers are", () => {
  const placed = [[1], [1], [1, 2], [2, 1]];
  expect(planned(placed, { brokers: [1, 2, 3] })).toEqual(placed);
});

test("fewer replicas must leave the preferred leader where it is", () => {
  const placed = [
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
  ];
  expect(planned(placed, { brokers: [1, 2, 3], replication: () => 1 })).toEqual([[1], [2], [3]]);
});

test("more replicas must be spread, and the preferred leaders stay", () => {
  expect(planned([[1], [1], [1]], { brokers: [1, 2, 3], replication: () => 2 })).toEqual([
    [1, 2],
    [1, 3],
    [1, 2],
  ]);
});

test("partitions whose preferred leader leaves must get leaders on different brokers", () => {
  const placed = [
    [3, 1, 2],
    [3, 2, 1],
    [3, 1, 2],
    [3, 1, 2],
  ];
  const leaders = planned(placed, { brokers: [1, 2], replication: () => 2 }).map(([id]) => id);
  expect(sorted(leaders)).toEqual([1, 1, 2, 2]);
});

test("a balance must even out replicas and preferred leaders over brokers that joined", () => {
  const moved = planned([[1], [1], [1], [1], [1], [1]], { brokers: [1, 2, 3], balance: true });
  expect(sorted(moved.flat())).toEqual([1, 1, 2, 2, 3, 3]);
  const everywhere = Array.from({ length: 3 }, () => [1, 2, 3]);
  const led = planned(everywhere, { brokers: [1, 2, 3], balance: true });
  expect(sorted(led.map(([id]) => id))).toEqual([1, 2, 3]);
});

test("any plan must hold what was asked for, move no more than it must, and be even where it moves", () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const wish = randomWish(createRandom(seed));
    const moves = planReplicas(wish);
    const after = wish.partitions.map((partition) => afterOf(partition, moves));
    const at = `seed ${seed}: ${JSON.stringify(wish)}`;
    for (const { before, replicas } of after) {
      const count = wish.replication({ topic: "", partition: 0, replicas: before });
      expect(replicas, at).toHaveLength(count);
      expect(new Set(replicas).size, at).toBe(count);
      expect(
        replicas.filter((id) => !wish.brokers.includes(id)),
        at,
      ).toEqual([]);
    }
    expect(needlessMoves(wish, after), at).toEqual([]);
    expect(unevenMoves(wish, after), at).toEqual([]);
    // Once it is so, there is nothing to do.
    const done = { ...wish, partitions: after.map(({ before: _, ...rest }) => rest) };
    expect(planReplicas(done), at).toEqual([]);
  }
});

function afterOf(partition: PartitionReplicas, moves: readonly ReplicaMove[]): ReplicaMove {
  const { topic, partition: number, replicas } = partition;
  const move = moves.find((one) => one.topic === topic && one.partition === number);
  return move ?? { ...partition, before: replicas };
}

/** What left a broker, or its lead there, although it could have stayed. */
function needlessMoves({ brokers, balance }: ReplicaWish, after: readonly ReplicaMove[]) {
  if (balance) return [];
  return after.filter(({ before, replicas }) => {
    const staying = before.filter((id) => brokers.includes(id));
    const kept = staying.filter((id) => replicas.includes(id));
    const [leader = -1] = before;
    const isLed = !brokers.includes(leader) || replicas[0] === leader;
    return !isLed || kept.length !== Math.min(replicas.length, staying.length);
  });
}

/** Added replicas that a broker with at least two fewer could have taken. */
function unevenMoves({ brokers, others }: ReplicaWish, after: readonly ReplicaMove[]) {
  const held = [...others, ...after].flatMap(({ replicas }) => replicas);
  const load = (broker: number): number => held.filter((id) => id === broker).length;
  return after.flatMap(({ before, replicas }) =>
    replicas
      .filter((id) => !before.includes(id))
      .filter((id) => brokers.some((one) => !replicas.includes(one) && load(id) - load(one) >= 2)),
  );
}

function randomWish(random: Random): ReplicaWish {
  const ids = Array.from({ length: 2 + random.below(6) }, (_, index) => index + 1);
  const leaving = ids.filter(() => random.below(4) === 0).slice(0, ids.length - 1);
  const brokers = ids.filter((id) => !leaving.includes(id));
  const place = (): number[] => {
    const count = 1 + random.below(brokers.length);
    return ids.toSorted(() => random.below(3) - 1).slice(0, count);
  };
  const topic = (name: string) =>
    topicOf(
      name,
      Array.from({ length: random.below(8) }, () => place()),
    );
  const wanted = random.below(2) === 0 ? undefined : 1 + random.below(brokers.length);
  return {
    partitions: [...topic("orders"), ...topic("payments")],
    others: topic("beside"),
    brokers,
    replication: ({ replicas }) => wanted ?? replicas.length,
    balance: random.below(3) === 0,
  };
}
