import { expect, test } from "vitest";
import type { ObservedContainer } from "../../src/model/containers.ts";
import type { Op } from "../../src/stack/plan-model.ts";
import { observedOf, placementOf, planOf, running, specsOf } from "./stack-case.ts";

const three = { brokers: 3 };
const steadyOps = (ops: readonly Op[]) =>
  ops.flatMap((op) => (op.kind === "await-steady" ? [op] : []));

/** Brokers that run with other ports than the file wants. */
function withPorts(portOf: (id: number) => number): ReturnType<typeof observedOf> {
  return observedOf(specsOf(three), (spec): Partial<ObservedContainer> => {
    if (spec.kind !== "kafka") return {};
    const hostPort = portOf(Number(spec.service.slice(-1)));
    const ports = spec.ports.map((port) => ({ ...port, hostPort }));
    const { parts, fingerprint } = running({ ...spec, ports });
    return { parts, fingerprint, ports };
  });
}

test("between two steps each broker must be asked where it answers at that time", () => {
  const { ops } = planOf({ wish: three, observed: withPorts((id) => 7000 + id) });
  const asked = steadyOps(ops).map(({ target, keeps, group: { probe } }) => ({
    target,
    keeps,
    inSync: probe.kind === "kafka" && probe.inSync,
    ports: probe.kind === "kafka" ? probe.brokers.map(({ address }) => address.port) : [],
  }));
  const inSync = true;
  expect(asked).toEqual([
    { target: "kafka", keeps: [], inSync, ports: [7001, 7002, 7003] },
    { target: "kafka-1", keeps: ["kafka-1"], inSync, ports: [9092, 7002, 7003] },
    { target: "kafka-2", keeps: ["kafka-2"], inSync, ports: [9092, 10_092, 7003] },
    { target: "kafka-3", keeps: ["kafka-3"], inSync, ports: [9092, 10_092, 11_092] },
  ]);
});

test("brokers that swap their ports must be replaced all at once", () => {
  const { ops } = planOf({ wish: three, observed: withPorts((id) => 9092 + 1000 * (3 - id)) });
  expect(steadyOps(ops)).toEqual([]);
});

test("a single broker, and a single node of ZooKeeper, must be replaced without a wait between", () => {
  const recreate = ["zookeeper-1", "kafka-1"];
  const { ops } = planOf({ observed: observedOf(specsOf()), recreate });
  expect(steadyOps(ops)).toEqual([]);
});

test("brokers that do not run must be replaced all at once", () => {
  const observed = observedOf(specsOf(three), ({ service }) =>
    service === "kafka-3" ? {} : { state: "exited" },
  );
  const { ops } = planOf({ wish: three, observed, recreate: ["kafka-1", "kafka-2"] });
  expect(steadyOps(ops)).toEqual([]);
});

test("a broker that starts beside those that are replaced must be proven with them", () => {
  const { ops } = planOf({
    wish: { brokers: 3 },
    observed: observedOf(specsOf({ brokers: 2 })),
  });
  expect(steadyOps(ops).map(({ target, keeps }) => [target, keeps])).toEqual([
    ["kafka", ["kafka-3"]],
    ["kafka-1", ["kafka-1"]],
    ["kafka-2", ["kafka-2"]],
  ]);
});

test("brokers that leave must count until they are gone: the others list them", () => {
  const placements = [placementOf("orders", [[1], [2], [3]])];
  const { ops } = planOf({ observed: observedOf(specsOf(three)), placements });
  const probes = ops.flatMap((op) =>
    op.kind === "await-ready" || op.kind === "await-steady" ? [op.group.probe] : [],
  );
  const listed = probes.flatMap((probe) => (probe.kind === "kafka" ? [probe.brokers] : []));
  expect(listed.map((brokers) => brokers.map(({ id }) => id))).toEqual([
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(ops.find(({ kind }) => kind === "drain-brokers")).toMatchObject({
    leaving: [2, 3],
    staying: [1],
    bootstrap: [{ host: "127.0.0.1", port: 9092 }],
  });
});
