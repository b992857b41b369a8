import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./context.ts";
import { compare, time, type Contestant } from "./measure.ts";
import { createStack, type BenchStack } from "./stack.ts";

const count = 1_000_000;
const recordBytes = 100;

/** Reading a topic from its start to its end into /dev/null: records a second, beside kcat. */
export const throughput: Bench = {
  name: "throughput",
  measure: async ({ runs, signal, note }) => {
    await using stack = await createStack(
      "zookeeper:\nkafka:\ntopics:\n  many: { partitions: 4 }\n",
      signal,
    );
    await stack.run(["up"]);
    note(`writing ${count} records`);
    await writeLines(join(stack.folder, "many.txt"));
    await stack.run(["topic", "produce", "many", "many.txt"], { timeoutMs: 180_000 });
    const rate = (wallMs: number): number => count / (wallMs / 1000);
    const limits = { signal, timeoutMs: 120_000 };
    const all = ["topic", "tail", "many", "-o", "start", "-e"];
    const { lines } = await stack.run(all, { ...limits, output: "count" });
    if (lines !== count) throw new Error(`dp wrote ${lines} lines of ${count} records`);
    const discarded = { ...limits, output: "discard" } as const;
    const ours: Contestant = async () => (await stack.run(all, discarded)).wallMs;
    const command = await kcatCommand(stack, signal);
    if (command === undefined) note("kcat: not on this machine, or it can't read the topic");
    const kcat: Contestant = async () =>
      (await time({ command: command ?? [], ...discarded })).wallMs;
    const walls: Partial<Record<"ours" | "kcat", number>> = await compare(
      command ? { ours, kcat } : { ours },
      { runs, signal },
    );
    return [
      {
        name: "tail-throughput",
        unit: "records/s",
        ours: rate(walls.ours ?? Number.NaN),
        peer: { name: "kcat", value: walls.kcat && rate(walls.kcat) },
        limit: { kind: "none" },
      },
    ];
  },
};

async function writeLines(path: string): Promise<void> {
  await using file = await open(path, "w");
  const block = 10_000;
  for (let first = 0; first < count; first += block) {
    const lines = Array.from({ length: block }, (_, index) =>
      `${first + index} `.padEnd(recordBytes, "x"),
    );
    await file.write(`${lines.join("\n")}\n`);
  }
}

/** kcat reading the same topic; undefined when there is none that can. */
async function kcatCommand(
  stack: BenchStack,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { stdout } = await stack.run(["env", "--json"]);
  const broker = (JSON.parse(stdout) as Record<string, string>)["KAFKA_BOOTSTRAP_SERVERS"] ?? "";
  const kcat = ["kcat", "-q", "-C", "-b", broker, "-t", "many"];
  try {
    await time({ command: [...kcat, "-o", "beginning", "-c", "1"], signal });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return [...kcat, "-o", "beginning", "-e"];
}
