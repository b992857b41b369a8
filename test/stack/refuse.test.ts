import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { withMountsOf } from "../../src/stack/owner.ts";
import { claimStack } from "../../src/stack/refuse.ts";
import type { Observed } from "../../src/model/containers.ts";
import {
  api,
  nothing,
  observedOf,
  placementOf,
  planOf,
  remains,
  sessions,
  specsOf,
  warehouse,
} from "./stack-case.ts";

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
  ["ZooKeeper to KRaft", { zookeeper: false }, observedOf(specsOf()), /other mode/],
  ["KRaft to ZooKeeper", {}, observedOf(specsOf({ zookeeper: false })), /other mode/],
  ["another version", { version: "3.9.1" }, remains(specsOf()), /another Kafka version/],
  [
    "fewer nodes than KRaft has controllers",
    { zookeeper: false, brokers: 2 },
    observedOf(specsOf({ zookeeper: false, brokers: 3 })),
    /controllers of this data are kafka-1 to kafka-3/,
  ],
  ["more nodes of ZooKeeper", { nodes: 3 }, observedOf(specsOf()), /fixed number of nodes/],
  ["fewer nodes of ZooKeeper", {}, observedOf(specsOf({ nodes: 3 })), /fixed number of nodes/],
  [
    "another type of store",
    { zookeeper: false, brokers: 0, stores: [{ ...sessions, name: "warehouse" }] },
    remains(specsOf({ zookeeper: false, brokers: 0, stores: [warehouse] })),
    /the data of warehouse was written by a postgres, and a redis can't read it/,
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

const mine = {
  project: "shop",
  file: "/shop/pipeline.yaml",
  host: "laptop",
  projectGiven: false,
  realPathOf: (path: string) => path,
};
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

test("a file that is reached through a link claims its own stack", () => {
  const realPathOf = (path: string): string => path.replace("/link/", "/shop/");
  const claim = { ...mine, file: "/link/pipeline.yaml", observed, realPathOf, fileExists: there };
  expect(claimStack(claim)).toBeUndefined();
  expect(refusalOf(() => claimStack({ ...claim, host: "server" })).code).toBe("stack-elsewhere");
});

test("mounts keep the folder through which the stack was created", () => {
  const mount = { source: "/link/data", target: "/m", readOnly: true };
  const [spec] = specsOf({ ...alone, services: [api] });
  const specs = spec ? [{ ...spec, binds: [mount] }] : [];
  const moved = withMountsOf({ file: "/shop/pipeline.yaml" }, "/link/pipeline.yaml", specs);
  expect(moved.map(({ binds }) => binds)).toEqual([[{ ...mount, source: "/shop/data" }]]);
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
    ["replace", "environment: POSTGRES_PASSWORD changed"],
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

const orders = placementOf("orders", [
  [1, 2, 3],
  [2, 3, 1],
]);
const payments = placementOf("payments", [[3, 2]]);
const offsets = placementOf("__consumer_offsets", [[1, 2, 3]], { internal: true });
const three = observedOf(specsOf({ brokers: 3 }));
const two = { brokers: 2 };
const withoutThird = observedOf(specsOf({ brokers: 3 }), ({ service }) =>
  service === "kafka-3" ? "missing" : {},
);
const thirdStopped = observedOf(specsOf({ brokers: 3 }), ({ service }) =>
  service === "kafka-3" ? { state: "exited" } : {},
);
const kraft = { zookeeper: false };
const foreign = (object: "container" | "network", name: string): Observed => ({
  ...nothing,
  foreign: [{ object, name, owner: `${object} ${name} of the compose project other` }],
});

/** Each has a golden of its name in test/fixtures/plans. */
const refusals: Readonly<Record<string, Parameters<typeof planOf>[0]>> = {
  "refused-brokers-three-to-one": {
    wish: {},
    observed: three,
    placements: [offsets, orders, payments],
  },
  "refused-brokers-three-to-one-stopped": { wish: {}, observed: three },
  "refused-brokers-three-to-two-stopped": {
    wish: two,
    observed: thirdStopped,
    placements: [payments],
  },
  "refused-brokers-three-to-two-gone": {
    wish: two,
    observed: withoutThird,
    placements: [payments],
  },
  "refused-controllers-three-to-one": {
    wish: kraft,
    observed: observedOf(specsOf({ ...kraft, brokers: 3 })),
    placements: [orders],
  },
  "refused-zookeeper-added": { wish: {}, observed: observedOf(specsOf(kraft)) },
  "refused-zookeeper-removed": { wish: kraft, observed: observedOf(specsOf()) },
  "refused-zookeeper-one-to-three": { wish: { nodes: 3 }, observed: observedOf(specsOf()) },
  "refused-foreign-container": { observed: foreign("container", "shop-kafka-1") },
  "refused-foreign-network": { observed: foreign("network", "shop") },
};

test.each(Object.keys(refusals))("the text of %s must read like its golden", async (name) => {
  const { message, why, next } = refusalOf(() => planOf(refusals[name]!));
  await expect(`${message}\nwhy: ${why}\nnext: ${next}\n`).toMatchFileSnapshot(
    `../fixtures/plans/${name}.txt`,
  );
});
