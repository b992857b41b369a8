import { tmpdir } from "node:os";
import { execa } from "execa";
import { expect, test } from "vitest";
import { startCluster } from "../support/kafka-cluster.ts";
import { runDp } from "../support/run-dp.ts";

test("the built dp must write and read every codec: each is loaded in a way of its own", async () => {
  await using running = await startCluster({ brokers: 1, mode: "kraft" });
  const { bootstrap } = running;
  const dp = async (args: readonly string[], input = ""): Promise<string> => {
    const all = [...args, "--brokers", bootstrap];
    const result = await runDp({ args: all, cwd: tmpdir(), input, timeoutMs: 30_000 });
    expect(result).toMatchObject({ code: 0 });
    return result.stdout;
  };
  await dp(["topic", "create", "packed", "-p", "1"]);
  const expected: string[] = [];
  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    // So long that a batch of it gets shorter: kcat leaves others as they are.
    const line = `${codec} `.repeat(50);
    await dp(["topic", "produce", "packed", "-z", codec], `dp ${line}\n`);
    await execa("kcat", ["-P", "-b", bootstrap, "-t", "packed", "-z", codec], { input: line });
    expected.push(`dp ${line}`, line);
  }
  const read = await dp(["topic", "tail", "packed", "-o", "start", "-e", "--format", "%v\\n"]);
  expect(read.split("\n")).toEqual([...expected, ""]);
});
