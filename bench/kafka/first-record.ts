import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../context.ts";
import type { Row } from "../judge.ts";
import { compare, time } from "../measure.ts";
import { createStack } from "../stack.ts";

/** Until `dp topic tail -n 10` has written its first record, ending there and following; `topic list`. */
export const tail: Bench = {
  name: "tail",
  measure: async ({ runs, signal, emptyScript }) => {
    await using stack = await createStack(
      "zookeeper:\nkafka:\ntopics:\n  orders: { partitions: 3 }\n",
      signal,
    );
    await stack.run(["up"]);
    const lines = Array.from({ length: 100 }, (_, index) => `{"id":${index},"amount":42}\n`);
    await writeFile(join(stack.folder, "orders.jsonl"), lines.join(""));
    await stack.run(["topic", "produce", "orders", "orders.jsonl"]);
    const tailed = ["topic", "tail", "orders", "-n", "10"];
    const firstByte = async (
      args: readonly string[],
      output: "read" | "first-byte",
    ): Promise<number> => {
      const { firstByteMs } = await stack.run(args, { output });
      if (firstByteMs === undefined) throw new Error(`dp ${args.join(" ")} wrote no record`);
      return firstByteMs;
    };
    const { ending, following, list, empty } = await compare(
      {
        ending: () => firstByte([...tailed, "-e"], "read"),
        following: () => firstByte(tailed, "first-byte"),
        list: async () => (await stack.run(["topic", "list"])).wallMs,
        empty: async () => (await time({ command: emptyScript, signal })).wallMs,
      },
      { runs: runs * 3, signal },
    );
    const row = (name: string, ours: number | undefined, mostMs: number): Row => ({
      name,
      unit: "ms",
      ours,
      peer: { name: "empty Node script", value: empty },
      limit: { kind: "excess", mostMs },
    });
    return [
      row("tail-first-record", ending, 180),
      row("tail-first-record-following", following, 180),
      row("topic-list", list, 160),
    ];
  },
};
