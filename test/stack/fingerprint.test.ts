import { expect, test } from "vitest";
import {
  describeDifference,
  fingerprintOf,
  partsOf,
  traitParts,
} from "../../src/stack/fingerprint.ts";
import type { ContainerSpec, ResolvedImage } from "../../src/model/containers.ts";
import { airflow, specsOf } from "./stack-case.ts";

const brokerOf = (wish: Parameters<typeof specsOf>[0] = {}): ContainerSpec =>
  specsOf(wish).find(({ kind }) => kind === "kafka")!;

test("parts must hold names and hashes only, and no value", () => {
  const broker = brokerOf({
    environment: { TOKEN: "hunter2hunter2" },
    config: { "ssl.keystore.password": "hunter2hunter2" },
  });
  const parts = { ...partsOf(broker), ...traitParts(broker) };
  expect(Object.keys(parts)).toContain("env.TOKEN");
  expect(Object.keys(parts)).toContain("file.server.properties#ssl.keystore.password");
  expect(JSON.stringify(parts)).not.toContain("hunter2");
  for (const hash of Object.values(parts)) expect(hash).toMatch(/^[0-9a-f]{12}$/);
});

test("the fingerprint must depend on every part, and not on their order", () => {
  const broker = brokerOf();
  const parts = partsOf(broker);
  const reversed = Object.fromEntries(Object.entries(parts).toReversed());
  expect(fingerprintOf(reversed)).toBe(fingerprintOf(parts));
  const others: ContainerSpec[] = [
    { ...broker, image: { ...broker.image, id: "sha256:2" } },
    { ...broker, command: ["/bin/true"] },
    { ...broker, ports: [] },
    { ...broker, volumes: [] },
    { ...broker, memLimitBytes: 1 },
    { ...broker, stopTimeoutS: 1 },
    { ...broker, environment: {} },
    { ...broker, files: [] },
    { ...broker, binds: [{ source: "/shop/data", target: "/data", readOnly: true }] },
    { ...broker, ready: { kind: "tcp", port: 80 } },
  ];
  const fingerprints = others.map((other) => fingerprintOf(partsOf(other)));
  expect(new Set([fingerprintOf(parts), ...fingerprints]).size).toBe(others.length + 1);
});

test("the image must count by what it is, and not by the name it was found under", () => {
  const broker = brokerOf();
  const renamed = { ...broker, image: { ...broker.image, ref: "dp-kafka:1" } };
  expect(fingerprintOf(partsOf(renamed))).toBe(fingerprintOf(partsOf(broker)));
});

test("a difference must name the key that changed, and no value", () => {
  const before = partsOf(
    brokerOf({ config: { "a.key": "1", "b.key": "1" }, environment: { A: "1" } }),
  );
  const after = partsOf(brokerOf({ config: { "b.key": "2", "c.key": "1" } }));
  expect(describeDifference(before, after)).toBe(
    "environment: A removed; server.properties: b.key changed, c.key added, a.key removed",
  );
});

test("a difference must name each place once, with all that changed there", () => {
  const before = partsOf(brokerOf({ config: { "a.key": "1", "b.key": "1" } }));
  const broker = brokerOf({
    config: { "a.key": "2", "b.key": "2" },
    environment: { A: "1", B: "1" },
  });
  const after = partsOf({ ...broker, image: { ...broker.image, id: "sha256:2" } });
  expect(describeDifference(before, after)).toBe(
    "environment: A, B added; server.properties: a.key, b.key changed; image changed",
  );
});

test("a file that is read on an empty volume only must not count", () => {
  const broker = brokerOf();
  const file = { path: "/docker-entrypoint-initdb.d/001-a.sql", content: "select 1", once: true };
  const parts = partsOf({ ...broker, files: [...broker.files, { ...file, once: true }] });
  expect(fingerprintOf(parts)).toBe(fingerprintOf(partsOf(broker)));
});

test("names the packages of pipeline.yaml as the cause of another image", () => {
  const [spec] = specsOf({ brokers: 0, airflow });
  if (!spec) throw new Error("no container");
  const base = { ref: "dp-airflow:3.3.2-1", id: "sha256:base" };
  const layer = (id: string) => ({ ref: `dp-shop-airflow:${id}`, id, packagesOn: base.id });
  const partsWith = (image: ResolvedImage) => partsOf({ ...spec, image });
  const cause = (before: ResolvedImage, after: ResolvedImage) =>
    describeDifference(partsWith(before), partsWith(after));
  expect(cause(layer("a"), layer("b"))).toBe("requirements changed");
  expect(cause(base, layer("a"))).toBe("requirements added");
  expect(cause(layer("a"), base)).toBe("requirements removed");
  expect(cause(layer("a"), layer("a"))).toBe("");
});
