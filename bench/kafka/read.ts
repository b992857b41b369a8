import type { Bench, BenchContext } from "../context.ts";
import type { Limit, Row } from "../judge.ts";
import { compare, time, type Contestant } from "../measure.ts";
import { findFranzPeer } from "./franz-peer.ts";
import { million, type BenchLog } from "./log.ts";

const topic = "many";
const timeoutMs = 120_000;
const values = ["--format", String.raw`%v\n`];

/** Reading 1,000,000 records of 100 bytes from 4 partitions into /dev/null, as values and as JSON lines. */
export const read: Bench = {
  name: "read",
  measure: async (context) => {
    const { runs, signal, cluster } = context;
    const log = await cluster();
    await log.load({ topic, ...million });
    const all = ["topic", "tail", topic, "-o", "start", "-e"];
    for (const form of [values, ["--json"]]) await checkWhole(log, [...all, ...form]);
    const ours = (form: readonly string[]): Contestant => {
      const how = { output: "discard", timeoutMs } as const;
      return async () => (await log.stack.run([...all, ...form], how)).wallMs;
    };
    const contestants: Readonly<Record<string, Contestant>> = {
      values: ours(values),
      json: ours(["--json"]),
      ...(await peersOf(log, context)),
    };
    const walls: Readonly<Record<string, number | undefined>> = await compare(contestants, {
      runs,
      signal,
    });
    const rate = (wallMs: number | undefined): number | undefined =>
      wallMs && million.records / (wallMs / 1000);
    const row = (form: "values" | "json", peer: readonly [string, string], limit: Limit): Row => ({
      name: `read-${form}`,
      unit: "records/s",
      ours: rate(walls[form]),
      peer: { name: peer[1], value: rate(walls[peer[0]]) },
      limit,
    });
    return [
      row("values", ["kcat", "kcat"], { kind: "rate-ratio", least: 1 }),
      row("values", ["franz", "franz-go as kcl"], { kind: "none" }),
      row("json", ["franzJson", "franz-go as rpk"], { kind: "rate-ratio", least: 1.5 }),
      row("json", ["kcatJson", "kcat -J"], { kind: "none" }),
    ];
  },
};

async function checkWhole({ stack }: BenchLog, args: readonly string[]): Promise<void> {
  const { lines } = await stack.run(args, { output: "count", timeoutMs });
  if (lines !== million.records) throw new Error(`dp ${args.join(" ")} wrote ${lines} lines`);
}

/** Whoever is on this machine. */
async function peersOf(
  { broker, hasKcat }: BenchLog,
  context: BenchContext,
): Promise<Readonly<Record<string, Contestant>>> {
  const contestant = (...command: readonly string[]): Contestant => {
    const how = { signal: context.signal, output: "discard", timeoutMs } as const;
    return async () => (await time({ command, ...how })).wallMs;
  };
  const kcat = ["kcat", "-q", "-C", "-b", broker, "-t", topic, "-o", "beginning", "-e"];
  const franz = await findFranzPeer(context);
  return {
    ...(hasKcat && { kcat: contestant(...kcat), kcatJson: contestant(...kcat, "-J") }),
    ...(franz !== undefined && {
      franz: contestant(franz, "values", broker, topic),
      franzJson: contestant(franz, "json", broker, topic),
    }),
  };
}
