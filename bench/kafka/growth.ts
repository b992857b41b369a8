import { rm } from "node:fs/promises";
import type { Bench, BenchContext } from "../context.ts";
import type { Row } from "../judge.ts";
import { compare, time, type Contestant } from "../measure.ts";
import { createStack } from "../stack.ts";
import type { BenchLog, LoggedTopic } from "./log.ts";

const mostTurns = 3;
const timeoutMs = 120_000;
/** 20 to 50 MB each. */
const sizes = [
  { records: 2_000_000, bytes: 10, label: "10-b" },
  { records: 50_000, bytes: 1000, label: "1-kb" },
  { records: 500, bytes: 100_000, label: "100-kb" },
];
const partitionCounts = [1, 16, 64];
const topicCounts = [10, 200];

/** How the cost of reading grows with the size of records and the number of partitions, and of a list with topics. */
export const growth: Bench = {
  name: "growth",
  measure: async (context) => {
    const rows: Row[] = [];
    const log = await context.cluster();
    for (const { label, ...size } of sizes) {
      const logged = { topic: `of-${label}`, partitions: 4, ...size };
      rows.push({ ...(await readAll(log, logged, context)), name: `read-of-${label}` });
    }
    for (const partitions of partitionCounts) {
      const logged = { topic: `in-${partitions}`, partitions, records: 500_000, bytes: 100 };
      rows.push({
        ...(await readAll(log, logged, context)),
        name: `read-${partitions}-partitions`,
      });
    }
    for (const topics of topicCounts) rows.push(await listTopics(topics, context));
    return rows;
  },
};

/** Megabytes a second, beside kcat; the topic is deleted afterwards. */
async function readAll(
  log: BenchLog,
  logged: LoggedTopic,
  { runs, signal }: BenchContext,
): Promise<Omit<Row, "name">> {
  const { topic, records, bytes } = logged;
  await rm(await log.load(logged));
  const all = ["topic", "tail", topic, "-o", "start", "-e", "--format", String.raw`%v\n`];
  const command = ["kcat", "-q", "-C", "-b", log.broker, "-t", topic, "-o", "beginning", "-e"];
  const how = { output: "discard", timeoutMs } as const;
  const ours: Contestant = async () => (await log.stack.run(all, how)).wallMs;
  const kcat: Contestant = async () => (await time({ command, signal, ...how })).wallMs;
  const walls: Partial<Record<"ours" | "kcat", number>> = await compare(
    log.hasKcat ? { ours, kcat } : { ours },
    { runs: Math.min(runs, mostTurns), signal },
  );
  await log.stack.run(["topic", "delete", topic, "-y"]);
  const rate = (wallMs: number | undefined): number | undefined =>
    wallMs && (records * bytes) / 1_000_000 / (wallMs / 1000);
  return {
    unit: "MB/s",
    ours: rate(walls.ours),
    peer: { name: "kcat", value: rate(walls.kcat) },
    limit: { kind: "none" },
  };
}

async function listTopics(
  count: number,
  { runs, signal, emptyScript }: BenchContext,
): Promise<Row> {
  const names = Array.from({ length: count }, (_, index) => `  topic-${index}:\n`);
  await using stack = await createStack(`kafka:\ntopics:\n${names.join("")}`, signal);
  await stack.run(["up"], { timeoutMs: 180_000 });
  const { list, empty } = await compare(
    {
      list: async () => (await stack.run(["topic", "list"])).wallMs,
      empty: async () => (await time({ command: emptyScript, signal })).wallMs,
    },
    { runs: runs * 3, signal },
  );
  return {
    name: `topic-list-of-${count}`,
    unit: "ms",
    ours: list,
    peer: { name: "empty Node script", value: empty },
    limit: { kind: "none" },
  };
}
