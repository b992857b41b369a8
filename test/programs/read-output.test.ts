import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { readOutput } from "../../src/programs/read-output.ts";
import { createFolder } from "../support/fifo.ts";
import { until } from "../support/until.ts";

const timeoutMs = 60_000;
const shell = (script: string) => ({ program: "sh", args: ["-c", script], timeoutMs });

test("reads the output as it is, line ends and NUL included", async () => {
  expect(await readOutput(shell("printf 'a\\0b\\n\\n'; echo no >&2"))).toBe("a\0b\n\n");
});

test("writes the input, and runs in the folder and environment that it gets", async () => {
  const folder = await createFolder();
  const env = { PATH: process.env["PATH"], ONE: "1" };
  const script = `cat; pwd; echo "$ONE$HOME"`;
  const call = { ...shell(script), env, cwd: folder, input: "in\n" };
  expect(await readOutput(call)).toBe(`in\n${folder}\n1\n`);
  expect(await readOutput(shell("cat"))).toBe("");
});

test("a program that ends before it reads its input is no failure", async () => {
  const call = { ...shell("exec <&-; echo done"), input: "x".repeat(1_000_000) };
  expect(await readOutput(call)).toBe("done\n");
});

test.each([
  ["fails", shell("echo half; exit 3")],
  ["is killed", shell("echo half; kill -KILL $$")],
  ["is missing", { program: "dp-no-such-program", args: [], timeoutMs }],
  ["writes too much", shell("yes | head -c 17000000")],
  // The output stays open for longer than the test may take.
  ["is not over in time", { ...shell("echo half; sleep 60 & wait"), timeoutMs: 50 }],
])("the output of a program that %s is undefined", async (_, call) => {
  expect(await readOutput(call)).toBeUndefined();
});

test("an abort throws the reason at once", async () => {
  const reason = new Error("stop");
  const aborter = new AbortController();
  const reading = readOutput({ ...shell("sleep 60 & wait"), signal: aborter.signal });
  aborter.abort(reason);
  await expect(reading).rejects.toBe(reason);
});

test("the program ends with the process that reads from it", async () => {
  const folder = await createFolder();
  const file = join(folder, "pid");
  const module = join(import.meta.dirname, "../../src/programs/read-output.ts");
  const code = `
import { existsSync } from "node:fs";
import { readOutput } from ${JSON.stringify(module)};
const script = "echo $$ > $0.new; mv $0.new $0; exec sleep 60";
void readOutput({ program: "sh", args: ["-c", script, ${JSON.stringify(file)}], timeoutMs: 60_000 });
setInterval(() => existsSync(${JSON.stringify(file)}) && process.exit(), 10);
`;
  await execa("node", ["--import", "tsx", "--input-type=module", "--eval", code]);
  const pid = Number(await readFile(file, "utf8"));
  await until(() => Promise.resolve(!isRunning(pid)));
  expect(isRunning(pid)).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
