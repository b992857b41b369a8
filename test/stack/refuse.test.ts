import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { claimStack } from "../../src/stack/refuse.ts";
import type { Observed } from "../../src/stack/model.ts";
import { api, nothing, observedOf, planOf, remains, specsOf, warehouse } from "./stack-case.ts";

function refusalOf(work: () => unknown): DpError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof DpError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

const only = (observed: Observed, kind: string): Observed => ({
  ...observed,
  volumes: observed.volumes.filter((volume) => volume.kind === kind),
});

test.each([
  ["fewer brokers", { brokers: 2 }, observedOf(specsOf({ brokers: 3 })), /shop-kafka-3-data/],
  ["ZooKeeper to KRaft", { zookeeper: false }, observedOf(specsOf()), /other mode/],
  ["KRaft to ZooKeeper", {}, observedOf(specsOf({ zookeeper: false })), /other mode/],
  ["another version", { version: "3.9.1" }, remains(specsOf()), /another Kafka version/],
  [
    "a larger KRaft quorum",
    { zookeeper: false, brokers: 3 },
    observedOf(specsOf({ zookeeper: false })),
    /quorum/,
  ],
  [
    "the ZooKeeper volume without those of brokers",
    {},
    only(remains(specsOf()), "zookeeper"),
    /shop-zookeeper-1-data knows topics/,
  ],
  [
    "the volumes of brokers without that of ZooKeeper",
    {},
    only(remains(specsOf()), "kafka"),
    /shop-kafka-1-data belongs to a cluster/,
  ],
])("%s must be refused as a loss of data", (_, wish, observed, why) => {
  const refusal = refusalOf(() => planOf({ wish, observed }));
  expect(refusal.code).toBe("refused");
  expect(refusal.why).toMatch(why);
  expect(refusal.next).toContain("dp down --volumes --project shop");
});

test("a wanted name that belongs to somebody else must be an error that names both", () => {
  const foreign = [
    { object: "container", name: "shop-kafka-1", owner: "container shop-kafka-1" },
  ] as const;
  const refusal = refusalOf(() => planOf({ observed: { ...nothing, foreign } }));
  expect(refusal.code).toBe("name-taken");
  expect(refusal.message).toContain("shop-kafka-1");
});

const mine = { project: "shop", file: "/shop/pipeline.yaml", host: "laptop", projectGiven: false };
const observed = observedOf(specsOf());
const there = (): boolean => true;
const gone = (): boolean => false;

test("a stack of the same file, or of none, must be claimed silently", () => {
  expect(claimStack({ ...mine, observed, fileExists: there })).toBeUndefined();
  expect(claimStack({ ...mine, observed: nothing, fileExists: there })).toBeUndefined();
});

test("a stack of another living file must be refused with both paths, --project or not", () => {
  for (const projectGiven of [false, true]) {
    const claim = { ...mine, file: "/other/pipeline.yaml", observed, projectGiven };
    const refusal = refusalOf(() => claimStack({ ...claim, fileExists: there }));
    expect(refusal.code).toBe("stack-elsewhere");
    expect(refusal.why).toMatch(/\/shop\/pipeline\.yaml.*\/other\/pipeline\.yaml/);
  }
});

test("a stack whose file is gone must be adopted with a note", () => {
  const note = claimStack({ ...mine, file: "/other/pipeline.yaml", observed, fileExists: gone });
  expect(note).toContain("/shop/pipeline.yaml no longer exists");
});

test("a stack of a file on another host must be refused until --project is given", () => {
  const claim = { ...mine, host: "server", file: "/other/pipeline.yaml", observed };
  const refusal = refusalOf(() => claimStack({ ...claim, fileExists: gone }));
  expect(refusal.why).toContain("on host laptop");
  expect(claimStack({ ...claim, projectGiven: true, fileExists: gone })).toBeUndefined();
});

test("the whole stack must not be refused after a part of it was brought up", () => {
  const { ops } = planOf({ observed: nothing, services: ["zookeeper"] });
  const created = ops.flatMap((op) => (op.kind === "create-container" ? [op.spec] : []));
  const volumes = ops.flatMap((op) => (op.kind === "create-volume" ? [op.spec] : []));
  const observed = { ...remains(volumes), containers: observedOf(created).containers };
  expect(planOf({ observed }).changes.map(({ target }) => target)).toEqual(["kafka-1"]);
});

const alone = { zookeeper: false, brokers: 0 };

test.each([
  ["database", { ...warehouse, database: "other" }, /warehouse was made with another database/],
  ["user", { ...warehouse, user: "other" }, /warehouse was made with another user/],
  ["major version", { ...warehouse, version: "16.1" }, /another major version of Postgres/],
])("another %s of a store with data must be refused", (_, store, why) => {
  const observed = remains(specsOf({ ...alone, stores: [warehouse] }));
  const refusal = refusalOf(() => planOf({ wish: { ...alone, stores: [store] }, observed }));
  expect(refusal.code).toBe("refused");
  expect(refusal.why).toMatch(why);
});

test("another minor version or password of a store must not be refused", () => {
  const observed = observedOf(specsOf({ ...alone, stores: [warehouse] }));
  const store = { ...warehouse, version: "15.4", password: "changed" };
  const { changes } = planOf({ wish: { ...alone, stores: [store] }, observed });
  expect(changes.map(({ action, cause }) => [action, cause])).toEqual([
    ["replace", "POSTGRES_PASSWORD changed"],
  ]);
});

test("a name that only looks like one of the stack's must not stand in its way", () => {
  const foreign = [
    { object: "container", name: "shop-2-kafka-1", owner: "another stack" },
    { object: "volume", name: "shop-backup", owner: "somebody else" },
  ] as const;
  expect(planOf({ observed: { ...nothing, foreign } }).changes.length).toBeGreaterThan(0);
});

test("two services whose volumes have one name must be refused", () => {
  const volume = { kind: "volume", target: "/data" } as const;
  const services = [
    { ...api, name: "a", volumes: [{ ...volume, name: "b-c" }] },
    { ...api, name: "a-b", volumes: [{ ...volume, name: "c" }] },
  ];
  const refusal = refusalOf(() => planOf({ wish: { ...alone, services }, observed: nothing }));
  expect(refusal.message).toContain("shop-a-b-c");
});
