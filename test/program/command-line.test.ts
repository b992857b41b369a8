import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { CommandHost } from "../../src/cli/invocation.ts";
import { rows } from "../../src/program/command-rows.ts";
import { createProgram, runProgram } from "../../src/program/program.ts";
import type { DpError } from "../../src/errors.ts";
import { createRedactor } from "../../src/safe-text/redactor.ts";

/** Parses words as dp does, without a process around it. */
async function parse(words: readonly string[]): Promise<{ stdout: string; error?: DpError }> {
  let stdout = "";
  const printHelp = (text: string): void => {
    stdout += text;
  };
  const host: CommandHost = {
    env: {},
    cwd: "/",
    stdin: process.stdin,
    stdout: new PassThrough() as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
    interruptedBy: () => undefined,
    passSignals: () => () => {},
    setExitCode: () => {},
    askPassword: () => Promise.reject(new Error("no terminal")),
    command: "dp",
    redactor: createRedactor(),
  };
  let error: DpError | undefined;
  await runProgram(await createProgram({ host, words, printHelp }), words, (thrown) => {
    error = thrown;
  });
  return { stdout, ...(error ? { error } : {}) };
}

test("dp alone shows every command, each with its summary", async () => {
  const { stdout, error } = await parse([]);
  expect(error).toBeUndefined();
  for (const { name, summary } of rows) {
    expect(stdout).toMatch(new RegExp(`^ +${name} +${summary}$`, "m"));
  }
});

test.each([[["up"]], [["topic"]], [["topic", "tail"]], [["images", "ls"]]])(
  "the help of %j is the same in each way to ask for it",
  async (words) => {
    const { stdout, error } = await parse([...words, "--help"]);
    expect(error).toBeUndefined();
    expect(stdout).toContain(`Usage: dp ${words[0]}`);
    expect((await parse([...words, "-h"])).stdout).toBe(stdout);
    expect((await parse(["help", ...words])).stdout).toBe(stdout);
  },
);

test("help after a group is the help of its command", async () => {
  const { stdout } = await parse(["topic", "help", "tail"]);
  expect(stdout).toBe((await parse(["topic", "tail", "--help"])).stdout);
});

test.each([
  [["pln"], "plan"],
  [["help", "pln"], "plan"],
  [["topic", "lst"], "list"],
  [["down", "--volume"], "--volumes"],
  [["up", "--jsno"], "--json"],
  [["plan", "--exitcode"], "--exit-code"],
  [["exec", "kafka-1", "ls", "-a"], "dp exec … -- COMMAND"],
  [["exec", "kafka-1", "--usr", "me", "--", "ls"], "--user"],
  [["env", "make", "-j2"], "dp env … -- COMMAND"],
])("%j must be wrong usage, with %s as the nearest match", async (words, near) => {
  const { error } = await parse(words);
  expect(error?.code).toBe("usage");
  expect(error?.next).toContain(near);
});

test.each([[["topic"]], [["images"]]])("%j alone must name its verbs", async (words) => {
  const { error } = await parse(words);
  expect(error?.code).toBe("usage");
  expect(error?.why).toContain("list");
});

test.each([
  [["up", "--timeout", "soon"], "must be a duration from 1ms to 24d"],
  [["logs", "-n", "-1"], "must be an integer from 0 to"],
  [["env", "--format", "xml"], "dotenv"],
  [["topic", "tail"], "topic"],
])("%j must be wrong usage that says what is right", async (words, right) => {
  const { error } = await parse(words);
  expect(error?.code).toBe("usage");
  expect(error?.message).toContain(right);
});

test("a shared option between a group and its verb must be understood", async () => {
  const { error } = await parse(["topic", "--json", "tail"]);
  expect(error?.message).toContain("missing required argument");
});
