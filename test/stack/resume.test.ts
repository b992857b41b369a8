import { expect, test } from "vitest";
import type { ObservedContainer } from "../../src/model/containers.ts";
import { formatOps } from "../../src/stack/plan.ts";
import { planResume } from "../../src/stack/resume.ts";

type Known = Partial<ObservedContainer> & Pick<ObservedContainer, "service" | "kind">;

function container(known: Known): ObservedContainer {
  const { service } = known;
  return {
    id: `id-${service}`,
    name: `shop-${service}`,
    state: "exited",
    status: "",
    imageId: "",
    imageRef: "",
    fingerprint: "",
    parts: {},
    file: "",
    host: "",
    ports: [{ containerPort: 1, hostIp: "127.0.0.1", hostPort: 4000 }],
    exitCode: 143,
    oomKilled: false,
    startedAt: undefined,
    networkAddress: undefined,
    environment: {},
    ...known,
  };
}

const zookeeper = container({ service: "zookeeper-1", kind: "zookeeper" });
const kafka1 = container({ service: "kafka-1", kind: "kafka" });
const kafka2 = container({ service: "kafka-2", kind: "kafka" });
const api = container({ service: "api", kind: "service", dependsOn: ["kafka", "db"] });
const db = container({
  service: "db",
  kind: "postgres",
  environment: { POSTGRES_USER: "u", POSTGRES_PASSWORD: "p", POSTGRES_DB: "d" },
});

function plan(containers: readonly ObservedContainer[], ...words: string[]) {
  return planResume({ project: "shop", containers, words });
}

function started(containers: readonly ObservedContainer[], ...words: string[]): string[] {
  return plan(containers, ...words).changes.map(({ action, target }) => `${action} ${target}`);
}

test("ZooKeeper must come first, brokers when it has forgotten them, then what depends on them", () => {
  expect(formatOps(plan([api, kafka1, kafka2, zookeeper, db]).ops)).toBe(
    `[1] start-container db
[2] await-ready db after 1
[3] start-container zookeeper-1
[4] await-ready zookeeper after 3
[5] await-deregistered kafka-1 after 4
[6] start-container kafka-1 after 5
[7] await-deregistered kafka-2 after 4
[8] start-container kafka-2 after 7
[9] await-ready kafka after 4 5 6 7 8
[10] start-container api after 2 9
[11] await-ready api after 2 9 10
`,
  );
});

test("brokers without ZooKeeper must start at once", () => {
  expect(formatOps(plan([kafka1, kafka2]).ops)).toBe(
    "[1] start-container kafka-1\n[2] start-container kafka-2\n[3] await-ready kafka after 1 2\n",
  );
});

test("a named broker must be started with ZooKeeper, and the other one not be waited for", () => {
  const { ops } = plan([zookeeper, kafka1, kafka2], "kafka-2");
  expect(started([zookeeper, kafka1, kafka2], "kafka-2")).toEqual([
    "start zookeeper-1",
    "start kafka-2",
  ]);
  const ready = ops.find(({ id }) => id === "ready:kafka");
  expect(ready).toMatchObject({
    group: {
      services: ["kafka-2"],
      probe: { kind: "kafka", brokers: [{ id: 2, address: { host: "127.0.0.1", port: 4000 } }] },
    },
  });
});

test("a service must be started with all that it depends on, and nothing else", () => {
  const alone = container({ service: "alone", kind: "service" });
  expect(started([alone, api, db, kafka1], "api")).toEqual([
    "start db",
    "start kafka-1",
    "start api",
  ]);
});

test("what runs, a one-shot that is done and a container that never started must stay as they are", () => {
  const running = { ...db, state: "running" } as const;
  const once = { service: "once", kind: "service", ready: { kind: "completed" } } as const;
  const done = container({ ...once, exitCode: 0 });
  const made = container({ service: "made", kind: "service", state: "created" });
  expect(started([running, done, made])).toEqual([]);
  expect(started([container({ ...once, exitCode: 1 })])).toEqual(["start once"]);
});

test("a paused container must go on", () => {
  expect(started([{ ...db, state: "paused" }])).toEqual(["unpause db"]);
});

test("what waits for its successor must not be started", () => {
  expect(started([{ ...db, name: "shop-db-replaced" }])).toEqual([]);
});

test("labels that name a circle must not keep anything from starting", () => {
  const a = container({ service: "a", kind: "service", dependsOn: ["b"] });
  const b = container({ service: "b", kind: "service", dependsOn: ["a"] });
  expect(started([a, b])).toEqual(expect.arrayContaining(["start a", "start b"]));
});

test("replicas in sync must not be waited for where a broker stays stopped", () => {
  const { ops } = planResume({
    project: "shop",
    containers: [kafka1, kafka2],
    words: ["kafka-1"],
    inSync: true,
  });
  const probe = ops.flatMap((op) => (op.kind === "await-ready" ? [op.group.probe] : []))[0];
  expect(probe).toEqual({
    kind: "kafka",
    brokers: [expect.objectContaining({ service: "kafka-1" })],
  });
});

test("each kind must be asked in its own way, brokers for replicas in sync when that is wished", () => {
  const probes = planResume({
    project: "shop",
    containers: [db, kafka1, api],
    words: [],
    inSync: true,
  }).ops.flatMap((op) => (op.kind === "await-ready" ? [op.group.probe] : []));
  expect(probes).toEqual([
    expect.objectContaining({ kind: "postgres", database: "d", user: "u", password: "p" }),
    { kind: "kafka", brokers: [expect.objectContaining({ service: "kafka-1" })], inSync: true },
    { kind: "running", container: "shop-api" },
  ]);
});
