import type { Bench } from "../context.ts";
import { compare, time, type Contestant } from "../measure.ts";
import { million } from "./log.ts";

const topic = "written";
const timeoutMs = 120_000;

/** Writing 1,000,000 lines of 100 bytes from a file to 4 partitions, acknowledged by all, beside kcat. */
export const write: Bench = {
  name: "write",
  measure: async ({ runs, signal, cluster }) => {
    const log = await cluster();
    const file = await log.load({ topic, ...million });
    const produce = ["topic", "produce", topic, file];
    const command = ["kcat", "-P", "-b", log.broker, "-t", topic, "-X", "acks=all", "-l", file];
    const ours: Contestant = async () => (await log.stack.run(produce, { timeoutMs })).wallMs;
    const kcat: Contestant = async () => (await time({ command, signal, timeoutMs })).wallMs;
    const walls: Partial<Record<"ours" | "kcat", number>> = await compare(
      log.hasKcat ? { ours, kcat } : { ours },
      { runs, signal },
    );
    const turns = (runs + 1) * (log.hasKcat ? 2 : 1) + 1;
    const found = await log.count(topic);
    if (found !== turns * million.records) throw new Error(`${topic} holds ${found} records`);
    const rate = (wallMs: number | undefined): number | undefined =>
      wallMs && million.records / (wallMs / 1000);
    return [
      {
        name: "produce-file",
        unit: "records/s",
        ours: rate(walls.ours),
        peer: { name: "kcat", value: rate(walls.kcat) },
        limit: { kind: "rate-ratio", least: 0.7 },
      },
    ];
  },
};
