import { expect, test } from "vitest";
import { imageKeys } from "../../src/docker/images/image-needs.ts";
import { describeDifference, partsOf } from "../../src/stack/fingerprint.ts";
import type { ObservedContainer } from "../../src/model/containers.ts";
import { formatChange } from "../../src/stack/plan.ts";
import { planResume } from "../../src/stack/resume.ts";
import { stopOrder } from "../../src/stack/stop-order.ts";
import type { ServiceSettings } from "../../src/model/settings.ts";
import {
  api,
  nothing,
  observedOf,
  placementOf,
  planOf,
  settledOf,
  specsOf,
  stackOf,
  warehouse,
} from "./stack-case.ts";
import { readinessOf } from "../../src/stack/services.ts";

const migrate: ServiceSettings = {
  ...api,
  name: "migrate",
  ports: [],
  ready: { kind: "completed" },
  restart: { name: "no", maxRetries: 0 },
  startsAfter: [{ group: "warehouse", when: "ready" }],
};
const web: ServiceSettings = {
  ...api,
  name: "web",
  ports: [],
  ready: undefined,
  startsAfter: [
    { group: "migrate", when: "ready" },
    { group: "kafka", when: "started" },
  ],
};
const alone: ServiceSettings = { ...api, name: "alone", ports: [], ready: undefined };
/** The file names first what starts last. */
const wish = {
  zookeeper: false,
  brokers: 2,
  stores: [warehouse],
  services: [web, migrate, alone],
};

test("a service must start after what it depends on, as far as it says, and others at once", () => {
  const { ops } = planOf({ wish, observed: nothing });
  const created = ops.flatMap(({ id, kind }) =>
    kind === "create-network" || kind === "create-volume" || kind === "start-container" ? [] : [id],
  );
  const waitsOf = (service: string): string[] => {
    const { after = [] } = ops.find(({ id }) => id === `start:${service}`) ?? {};
    return after.filter((id) => !/^(create|upload|volume):/.test(id));
  };
  expect(created).toContain("create:web");
  expect(waitsOf("web")).toEqual(["ready:migrate", "topics:kafka"]);
  expect(waitsOf("migrate")).toEqual(["ready:warehouse"]);
  expect(waitsOf("alone")).toEqual([]);
});

test("topics are required where a container starts after the brokers, and only there", () => {
  const topicsOf = (services: ServiceSettings[]) =>
    planOf({ wish: { ...wish, services }, observed: nothing }).ops.find(
      ({ kind }) => kind === "apply-topics",
    );
  const op = { id: "topics:kafka", target: "kafka", after: ["ready:kafka"] };
  expect(topicsOf([web, migrate])).toMatchObject({ ...op, required: true });
  expect(topicsOf([alone])).toMatchObject({ ...op, required: false });
});

test("a running service that depends on the brokers does not make their topics required", () => {
  const { ops } = planOf({ wish, observed: observedOf(specsOf(wish)) });
  expect(ops.find(({ kind }) => kind === "apply-topics")).toMatchObject({ required: false });
});

test("topics are not applied while the plan still drains brokers", () => {
  const withZooKeeper = { ...wish, zookeeper: true };
  const { ops } = planOf({
    wish: withZooKeeper,
    observed: observedOf(specsOf({ ...withZooKeeper, brokers: 3 })),
    placements: [placementOf("orders", [[1], [2], [3]])],
  });
  expect(ops.some(({ kind }) => kind === "drain-brokers")).toBe(true);
  expect(ops.some(({ kind }) => kind === "apply-topics")).toBe(false);
});

test("every container must be created before the first one starts", () => {
  const { ops } = planOf({ wish, observed: nothing });
  const creations = ops.filter(({ kind }) => kind === "create-container").map(({ id }) => id);
  const starts = ops.filter(({ kind }) => kind === "start-container");
  expect(starts).toHaveLength(creations.length);
  for (const { after } of starts) expect(after).toEqual(expect.arrayContaining(creations));
});

test("an op must stand after all that it waits for, in whatever order the file names services", () => {
  const { ops } = planOf({ wish, observed: nothing });
  const places = new Map(ops.map(({ id }, index) => [id, index]));
  for (const [index, { after }] of ops.entries()) {
    for (const id of after) expect(places.get(id), id).toBeLessThan(index);
  }
});

test("a service that is asked for must bring what it starts after, and the images of it", () => {
  const { ops } = planOf({ wish, observed: nothing, services: ["web"] });
  const started = ops.filter(({ kind }) => kind === "start-container").map(({ target }) => target);
  expect(started).toEqual(["kafka-1", "kafka-2", "warehouse", "migrate", "web"]);
  const keys = [...imageKeys(stackOf(wish), ["web"])];
  expect(keys.toSorted()).toEqual(["kafka", "migrate", "warehouse", "web"]);
  expect([...imageKeys(stackOf(wish), ["alone"])]).toEqual(["alone"]);
});

test("a service that the engine restarts must be known as one by its group", () => {
  const restart = { name: "always", maxRetries: 0 } as const;
  const groups = readinessOf(
    settledOf(stackOf({ ...wish, services: [{ ...web, restart }, migrate] })),
  );
  const restarts = groups.filter((group) => group.restarts).map(({ name }) => name);
  expect(restarts).toEqual(["web"]);
});

/** The changes of a plan where the one-shot is as given, and all else runs. */
function changesFor(state: Partial<ObservedContainer>, now: Partial<ServiceSettings> = {}) {
  const observed = observedOf(specsOf(wish), ({ service }) => (service === "migrate" ? state : {}));
  const services = [web, { ...migrate, ...now }, alone];
  return planOf({ wish: { ...wish, services }, observed }).changes.map(formatChange);
}

test("what depends on a container must stop before it", () => {
  const { containers } = observedOf(specsOf(wish));
  const order = stopOrder(containers);
  const before = (service: string): string[] => {
    const { id = "" } = containers.find((one) => one.service === service) ?? {};
    return containers.filter((one) => order.get(id)?.includes(one.id)).map((one) => one.service);
  };
  expect(before("warehouse")).toEqual(["migrate"]);
  expect(before("migrate")).toEqual(["web"]);
  expect(before("kafka-2")).toEqual(["web"]);
  expect(before("web")).toEqual([]);
});

test.each([
  ["done", { state: "exited", exitCode: 0 }],
  ["still at work", { state: "running" }],
] as const)("a one-shot that is %s must be left alone while it is unchanged", (_, state) => {
  expect(changesFor(state)).toEqual([]);
});

test("a one-shot that failed must run again", () => {
  const [change, ...others] = changesFor({ state: "exited", exitCode: 3 });
  expect(change).toMatch(/^> start container migrate +had stopped \(exit code 3\)$/);
  expect(others).toEqual([]);
});

test("a one-shot that is done must run again when it has changed", () => {
  const [change, ...others] = changesFor(
    { state: "exited", exitCode: 0 },
    { environment: { STEP: "2" } },
  );
  expect(change).toMatch(/^~ replace container migrate .*STEP added$/);
  expect(others).toEqual([]);
});

test("a start of what stopped must know what the engine restarts, too", () => {
  const restart = { name: "always", maxRetries: 0 } as const;
  const specs = specsOf({ ...wish, services: [{ ...web, restart }, migrate] });
  const { containers } = observedOf(specs, () => ({ state: "exited" }));
  const { ops } = planResume({ project: "shop", containers, words: ["web"] });
  const groups = ops.flatMap((op) => (op.kind === "await-ready" ? [op.group] : []));
  expect(groups.filter(({ restarts }) => restarts).map(({ name }) => name)).toEqual(["web"]);
});

test("a container that the engine is about to restart must be left to it", () => {
  const observed = observedOf(specsOf(wish), ({ service }) =>
    service === "web" ? { state: "restarting", exitCode: 1 } : {},
  );
  expect(planOf({ wish, observed }).changes).toEqual([]);
});

test.each([
  ["entrypoint", { entrypoint: ["run"] }],
  ["user", { user: "app" }],
  ["cpus", { cpus: 0.5 }],
  ["restart", { restart: { name: "always", maxRetries: 0 } }],
  ["depends_on", { startsAfter: [{ group: "kafka", when: "ready" }] }],
  [
    "healthcheck",
    {
      healthcheck: {
        test: ["CMD", "ls"],
        intervalMs: 1000,
        timeoutMs: undefined,
        startPeriodMs: undefined,
        retries: undefined,
      },
    },
  ],
] as const)("a change of %s must be told by its name", (name, change) => {
  const partsWith = (settings: Partial<ServiceSettings>) => {
    const services = [{ ...alone, ...settings }];
    const [spec] = specsOf({ zookeeper: false, brokers: 0, services });
    return partsOf(spec!);
  };
  expect(describeDifference(partsWith({}), partsWith(change))).toBe(`${name} added`);
});

test("that a one-shot completes must be no change beside its restart", () => {
  const partsWith = (settings: Partial<ServiceSettings>) => {
    const services = [{ ...alone, ...settings }];
    return partsOf(specsOf({ zookeeper: false, brokers: 0, services })[0]!);
  };
  const { ready, restart } = migrate;
  expect(describeDifference(partsWith({}), partsWith({ ready, restart }))).toBe("restart added");
});
