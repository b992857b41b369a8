import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../context.ts";
import { median, type Row } from "../judge.ts";
import type { BenchLog } from "./log.ts";

const topic = "large";
/** Loaded before dp: leaves the peak of the process's resident memory, in KiB, in a file. */
const recorder = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from "node:fs";
  process.on("exit", () => {
    writeFileSync(process.env.BENCH_PEAK_FILE, String(process.resourceUsage().maxRSS));
  });
`)}`;
/** 1 GB: more than fits anywhere by accident. */
const gigabyte = { partitions: 4, records: 100_000, bytes: 1000, times: 10 };
const mostTurns = 3;

/** The most memory that `dp topic tail` of 1 GB takes, as the system counts it, read as values and as JSON. */
export const memory: Bench = {
  name: "memory",
  measure: async ({ runs, cluster }) => {
    const log = await cluster();
    await rm(await log.load({ topic, ...gigabyte }));
    const turns = Math.min(runs, mostTurns);
    const rows: Row[] = [];
    for (const [name, form] of [
      ["values", ["--format", String.raw`%v\n`]],
      ["json", ["--json"]],
    ] as const) {
      const peaks: number[] = [];
      for (let turn = 0; turn < turns; turn += 1) {
        peaks.push(await peakOf(log, ["topic", "tail", topic, "-o", "start", "-e", ...form]));
      }
      rows.push({
        name: `read-1gb-${name}`,
        unit: "MB",
        ours: median(peaks),
        peer: undefined,
        limit: { kind: "absolute", most: 150 },
      });
    }
    await log.stack.run(["topic", "delete", topic, "-y"]);
    return rows;
  },
};

/** Megabytes. */
async function peakOf({ stack }: BenchLog, args: readonly string[]): Promise<number> {
  const file = join(stack.folder, "peak");
  const env = { NODE_OPTIONS: `--import=${recorder}`, BENCH_PEAK_FILE: file };
  await stack.run(args, { output: "discard", timeoutMs: 180_000, env });
  return (Number(await readFile(file, "utf8")) * 1024) / 1_000_000;
}
