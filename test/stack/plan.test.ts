import { expect, test } from "vitest";
import type { Plan } from "../../src/stack/plan-model.ts";
import { formatChange, formatOps } from "../../src/stack/plan.ts";
import {
  airflow,
  api,
  nothing,
  observedOf,
  planOf,
  remains,
  running,
  specsOf,
  warehouse,
} from "./stack-case.ts";

const three = { brokers: 3 };
const kraft = { zookeeper: false };
const threads = { ...three, config: { "num.io.threads": "3" } };
const killed = { state: "exited", exitCode: 137 } as const;
const replaced = { name: "shop-kafka-1-replaced", ...killed } as const;

const data = { kind: "volume", name: "cache", target: "/cache" } as const;
const keeper = { ...api, name: "keeper", volumes: [data, { ...data, name: "logs", target: "/l" }] };
const platform = { airflow, stores: [warehouse], services: [api, keeper] };
const alone = { zookeeper: false, brokers: 0 };
const changed = {
  ...platform,
  airflow: { ...airflow, parallelism: 8 },
  stores: [{ ...warehouse, config: { wal_level: "logical" } }],
};

/** Each has a golden of its name in test/fixtures/plans. */
const cases: Readonly<Record<string, () => Plan>> = {
  "fresh-zookeeper": () => planOf({ wish: three, observed: nothing }),
  "fresh-kraft": () => planOf({ wish: { ...kraft, brokers: 3 }, observed: nothing }),
  unchanged: () => planOf({ wish: three, observed: observedOf(specsOf(three)) }),
  "config-changed": () => planOf({ wish: threads, observed: observedOf(specsOf(three)) }),
  "config-taken-back": () => planOf({ wish: three, observed: observedOf(specsOf(threads)) }),
  "environment-added": () =>
    planOf({ wish: { environment: { KAFKA_OPTS: "-Da=b" } }, observed: observedOf(specsOf()) }),
  "all-recreated": () =>
    planOf({
      wish: three,
      observed: observedOf(specsOf(three)),
      recreate: ["zookeeper-1", "kafka-1", "kafka-2", "kafka-3"],
    }),
  "only-volumes-left": () =>
    planOf({ wish: three, observed: { ...remains(specsOf(three)), networks: [] } }),
  "all-killed": () => planOf({ wish: three, observed: observedOf(specsOf(three), () => killed) }),
  "killed-and-network-gone": () =>
    planOf({ observed: { ...observedOf(specsOf(), () => killed), networks: [] } }),
  "all-killed-kraft": () =>
    planOf({ wish: kraft, observed: observedOf(specsOf(kraft), () => killed) }),
  "out-of-memory": () =>
    planOf({
      observed: observedOf(specsOf(), ({ kind }) =>
        kind === "kafka" ? { ...killed, oomKilled: true } : {},
      ),
    }),
  "broker-missing": () =>
    planOf({
      wish: three,
      observed: observedOf(specsOf(three), ({ service }) =>
        service === "kafka-2" ? "missing" : {},
      ),
    }),
  "broker-added": () => planOf({ wish: { brokers: 2 }, observed: observedOf(specsOf()) }),
  paused: () =>
    planOf({
      observed: observedOf(specsOf(), ({ kind }) => (kind === "kafka" ? { state: "paused" } : {})),
    }),
  "never-started": () => planOf({ observed: observedOf(specsOf(), () => ({ state: "created" })) }),
  "interrupted-before-the-successor": () =>
    planOf({ observed: observedOf(specsOf(), ({ kind }) => (kind === "kafka" ? replaced : {})) }),
  "interrupted-before-the-start": () => {
    const observed = observedOf(specsOf(), ({ kind }) => (kind === "kafka" ? replaced : {}));
    const created = specsOf({ config: { "num.io.threads": "3" } })
      .filter(({ kind }) => kind === "kafka")
      .map((spec) => running(spec, { state: "created" }));
    return planOf({
      wish: { config: { "num.io.threads": "3" } },
      observed: { ...observed, containers: [...observed.containers, ...created] },
    });
  },
  "interrupted-before-the-removal": () => {
    const specs = specsOf();
    const old = specs.filter(({ kind }) => kind === "kafka").map((spec) => running(spec, replaced));
    const observed = observedOf(specs);
    return planOf({ observed: { ...observed, containers: [...observed.containers, ...old] } });
  },
  "brokers-left-the-file": () =>
    planOf({ wish: { brokers: 0 }, observed: observedOf(specsOf({ brokers: 2 })) }),
  "fresh-platform": () => planOf({ wish: platform, observed: nothing }),
  "platform-unchanged": () => planOf({ wish: platform, observed: observedOf(specsOf(platform)) }),
  "platform-changed": () => planOf({ wish: changed, observed: observedOf(specsOf(platform)) }),
  "platform-left-the-file": () => planOf({ observed: observedOf(specsOf(platform)) }),
  "platform-added": () => planOf({ wish: platform, observed: observedOf(specsOf()) }),
  "store-asked-for": () =>
    planOf({ wish: platform, observed: nothing, services: ["warehouse", "shop-api"] }),
  "init-files-changed": () => {
    const store = { ...warehouse, init: [] };
    const observed = observedOf(specsOf({ ...alone, stores: [store] }));
    return planOf({ wish: { ...alone, stores: [warehouse] }, observed });
  },
  "volume-of-a-service-missing": () => {
    const wish = { ...alone, services: [keeper] };
    const observed = observedOf(specsOf(wish), () => ({ state: "exited" }));
    return planOf({ wish, observed: { ...observed, volumes: observed.volumes.slice(1) } });
  },
  "zookeeper-alone-asked-for": () =>
    planOf({ wish: three, observed: nothing, services: ["zookeeper"] }),
  "one-broker-asked-for": () => planOf({ wish: three, observed: nothing, services: ["kafka-2"] }),
};

test.each(Object.keys(cases))("the plan for %s must read like its golden", async (name) => {
  const { changes, ops, notes } = cases[name]!();
  const lines = [...changes.map(formatChange), ...notes.map((note) => `note: ${note}`)];
  const text = `${lines.map((line) => `${line}\n`).join("")}\n${formatOps(ops)}`;
  await expect(text).toMatchFileSnapshot(`../fixtures/plans/${name}.txt`);
});

test.each(Object.keys(cases))("every op of %s must stand after all that it waits for", (name) => {
  const { ops } = cases[name]!();
  const seen = new Set<string>();
  for (const { id, after } of ops) {
    expect(after.filter((earlier) => !seen.has(earlier))).toEqual([]);
    expect(seen).not.toContain(id);
    seen.add(id);
  }
});

test("nothing may be removed before all groups are ready", () => {
  for (const name of ["config-changed", "all-recreated", "brokers-left-the-file"]) {
    const { ops } = cases[name]!();
    const waits = ops.filter(({ kind }) => kind === "await-ready").map(({ id }) => id);
    const removals = ops.filter(({ kind }) => kind === "remove-container");
    expect(removals.length).toBeGreaterThan(0);
    for (const { id, after } of removals) {
      const direct = ops.filter((op) => after.includes(op.id)).flatMap((op) => op.after);
      expect([...after, ...direct], id).toEqual(expect.arrayContaining(waits));
    }
  }
});
