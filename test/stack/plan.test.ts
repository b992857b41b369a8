import { expect, test } from "vitest";
import type { ContainerSpec, ObservedContainer } from "../../src/model/containers.ts";
import type { ServiceSettings } from "../../src/model/settings.ts";
import type { Plan } from "../../src/stack/plan-model.ts";
import { formatChange, formatOps } from "../../src/stack/plan.ts";
import { containersOf } from "../../src/stack/services.ts";
import {
  airflow,
  api,
  nothing,
  observedOf,
  placementOf,
  planOf,
  remains,
  running,
  settledOf,
  specsOf,
  stackOf,
  warehouse,
} from "./stack-case.ts";

const three = { brokers: 3 };
const kraft = { zookeeper: false };
const threads = { ...three, config: { "num.io.threads": "3" } };
/** A KRaft cluster that began with one node. */
const grownKraft = containersOf(
  settledOf(stackOf({ ...kraft, ...three }), observedOf(specsOf(kraft))),
);
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

/** What the engine has of a container that was made from another spec. */
function runningAs(spec: ContainerSpec): Partial<ObservedContainer> {
  const { parts, fingerprint } = running(spec);
  return { parts, fingerprint };
}

/** Brokers whose ports were one higher. */
const onePortUp = (spec: ContainerSpec): Partial<ObservedContainer> => {
  if (spec.kind !== "kafka") return {};
  const ports = spec.ports.map((port) => ({ ...port, hostPort: port.hostPort + 1 }));
  return { ...runningAs({ ...spec, ports }), ports };
};

const oldImage = (spec: ContainerSpec) =>
  runningAs({ ...spec, image: { ...spec.image, id: "sha256:old" } });

const withThreads = (service: string) => (spec: ContainerSpec) =>
  spec.service === service
    ? runningAs(specsOf(threads).find((other) => other.service === service) ?? spec)
    : {};

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
  "only-one-broker-changed": () =>
    planOf({ wish: three, observed: observedOf(specsOf(three), withThreads("kafka-2")) }),
  "image-changed": () => planOf({ wish: three, observed: observedOf(specsOf(three), oldImage) }),
  "ports-changed": () => planOf({ wish: three, observed: observedOf(specsOf(three), onePortUp) }),
  "kraft-recreated": () =>
    planOf({
      wish: { ...kraft, brokers: 5 },
      observed: observedOf(specsOf({ ...kraft, brokers: 5 }), ({ service }) =>
        service === "kafka-1" ? { state: "paused" } : killed,
      ),
      recreate: ["kafka-1", "kafka-5"],
    }),
  "cluster-left-the-file": () =>
    planOf({
      wish: { ...alone, services: [api] },
      observed: observedOf(specsOf({ brokers: 2, nodes: 3 })),
    }),
  "stopped-broker-beside-changed-ones": () =>
    planOf({
      wish: threads,
      observed: observedOf(specsOf(three), ({ service }) => (service === "kafka-2" ? killed : {})),
    }),
  "zookeeper-recreated-beside-a-dead-broker": () =>
    planOf({
      observed: observedOf(specsOf(), ({ kind }) => (kind === "kafka" ? killed : {})),
      recreate: ["zookeeper-1", "kafka-1"],
    }),
  "interrupted-between-brokers": () => {
    const observed = observedOf(specsOf(three), (spec) => {
      if (spec.service === "kafka-1") return withThreads("kafka-1")(spec);
      return spec.service === "kafka-2" ? { ...killed, name: "shop-kafka-2-replaced" } : {};
    });
    const created = specsOf(threads)
      .filter(({ service }) => service === "kafka-2")
      .map((spec) => running(spec, { state: "created" }));
    return planOf({
      wish: threads,
      observed: { ...observed, containers: [...observed.containers, ...created] },
    });
  },
  "fresh-ensemble": () => planOf({ wish: { ...three, nodes: 3 }, observed: nothing }),
  "ensemble-killed": () =>
    planOf({ wish: { nodes: 3 }, observed: observedOf(specsOf({ nodes: 3 }), () => killed) }),
  "ensemble-recreated": () =>
    planOf({
      wish: { nodes: 3 },
      observed: observedOf(specsOf({ nodes: 3 })),
      recreate: ["zookeeper-1", "zookeeper-2", "zookeeper-3"],
    }),
  "brokers-one-to-three": () => planOf({ wish: three, observed: observedOf(specsOf()) }),
  "brokers-one-to-three-kraft": () =>
    planOf({ wish: { ...kraft, brokers: 3 }, observed: observedOf(specsOf(kraft)) }),
  "brokers-three-to-five-kraft": () =>
    planOf({
      wish: { ...kraft, brokers: 5 },
      observed: observedOf(specsOf({ ...kraft, brokers: 3 })),
    }),
  "starter-of-airflow-changed": () => {
    const wish = { ...alone, airflow };
    const observed = observedOf(specsOf(wish), (spec) => {
      const [starter, ...others] = spec.files;
      const files = starter ? [{ ...starter, content: "old" }, ...others] : [];
      return runningAs({ ...spec, files });
    });
    return planOf({ wish, observed });
  },
  "brokers-three-to-one": () =>
    planOf({
      wish: {},
      observed: observedOf(specsOf(three)),
      placements: [
        placementOf("__consumer_offsets", [[1, 2, 3]], { internal: true }),
        placementOf("orders", [[1], [2], [3]]),
        placementOf("payments", [[3]]),
      ],
    }),
  "brokers-three-to-two": () =>
    planOf({
      wish: { brokers: 2 },
      observed: observedOf(specsOf(three)),
      placements: [placementOf("orders", [[1, 2]]), placementOf("payments", [[2, 3]])],
    }),
  "brokers-three-to-one-kraft": () =>
    planOf({
      wish: kraft,
      observed: observedOf(grownKraft),
      placements: [placementOf("orders", [[1], [2], [3]])],
    }),
  "brokers-three-to-two-empty": () =>
    planOf({
      wish: { brokers: 2 },
      observed: observedOf(specsOf(three)),
      placements: [placementOf("orders", [[1], [2]])],
    }),
  "interrupted-after-the-drain": () => {
    const observed = observedOf(specsOf(three), ({ service }) => {
      if (service === "kafka-2") return { state: "exited" };
      return service === "kafka-3" ? "missing" : {};
    });
    return planOf({ wish: {}, observed, placements: [placementOf("orders", [[1]])] });
  },
  "zookeeper-asked-for-beside-fewer-brokers": () =>
    planOf({
      wish: {},
      observed: observedOf(specsOf(three)),
      services: ["zookeeper"],
      placements: [placementOf("orders", [[1], [2], [3]])],
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
  "fresh-job-after-kafka": () => {
    const job: ServiceSettings = {
      ...api,
      name: "job",
      ports: [],
      ready: { kind: "completed" },
      restart: { name: "no", maxRetries: 0 },
      startsAfter: [{ group: "kafka", when: "started" }],
    };
    const web: ServiceSettings = { ...api, startsAfter: [{ group: "job", when: "ready" }] };
    return planOf({ wish: { ...kraft, services: [web, job, keeper] }, observed: nothing });
  },
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
  "store-password-changed": () => {
    const observed = observedOf(specsOf({ ...alone, stores: [warehouse] }));
    const store = { ...warehouse, password: "another" };
    return planOf({ wish: { ...alone, stores: [store] }, observed });
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

test("nothing may be removed before all groups are ready, or what took its place is proven", () => {
  for (const name of ["config-changed", "all-recreated", "brokers-left-the-file"]) {
    const { ops } = cases[name]!();
    const ready = ops.filter(({ kind }) => kind === "await-ready").map(({ id }) => id);
    const removals = ops.filter(({ kind }) => kind === "remove-container");
    expect(removals.length).toBeGreaterThan(0);
    for (const { id, target, after } of removals) {
      const steady = ops.filter(({ id: other }) => other === `steady:${target}`);
      const waits = steady.length > 0 ? steady.map((op) => op.id) : ready;
      const direct = ops.filter((op) => after.includes(op.id)).flatMap((op) => op.after);
      expect([...after, ...direct], id).toEqual(expect.arrayContaining(waits));
    }
  }
});
