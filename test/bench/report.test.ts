import { expect, test } from "vitest";
import type { Row } from "../../bench/judge.ts";
import { formatTable, toDocument } from "../../bench/report.ts";

const rows: readonly Row[] = [
  {
    name: "up",
    unit: "ms",
    ours: 2200,
    peer: { name: "docker compose", value: 3650 },
    limit: { kind: "ratio", most: 0.65 },
  },
  {
    name: "up-over-bare",
    unit: "ms",
    ours: 2200,
    peer: { name: "bare JVMs", value: undefined },
    limit: { kind: "excess", mostMs: 900 },
  },
  {
    name: "up-again",
    unit: "ms",
    ours: 1100,
    peer: undefined,
    limit: { kind: "absolute", most: 1000 },
  },
  {
    name: "tail-throughput",
    unit: "records/s",
    ours: 800_000,
    peer: { name: "kcat", value: 1_000_000 },
    limit: { kind: "rate-ratio", least: 1 },
  },
  {
    name: "memory",
    unit: "MB",
    ours: 121.4,
    peer: undefined,
    limit: { kind: "absolute", most: 150 },
  },
];

test("the table must show each figure with its peer, limit and verdict", () => {
  const cells = formatTable(rows)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(cells).toEqual([
    ["NAME", "OURS", "PEER", "RATIO", "LIMIT", "VERDICT"],
    ["up", "2.20 s", "3.65 s docker compose", "0.60 x", "0.65 x", "ok"],
    ["up-over-bare", "2.20 s", "- bare JVMs", "-", "+900 ms", "not measured"],
    ["up-again", "1.10 s", "-", "-", "1.00 s", "OVER"],
    ["tail-throughput", "800k/s", "1000k/s kcat", "0.80 x", "1 x at least", "OVER"],
    ["memory", "121 MB", "-", "-", "150 MB", "ok"],
  ]);
});

test("the document must give null for what was not measured", () => {
  expect(toDocument(rows).benches[1]).toEqual({
    name: "up-over-bare",
    unit: "ms",
    ours: 2200,
    peer: { name: "bare JVMs", value: null },
    limit: { kind: "excess", mostMs: 900 },
    verdict: "not measured",
  });
});
