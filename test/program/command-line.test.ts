import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { CommandHost } from "../../src/cli/invocation.ts";
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

const leaves = [
  ["up"],
  ["plan"],
  ["status"],
  ["health"],
  ["support"],
  ["doctor"],
  ["wait"],
  ["logs"],
  ["smoke"],
  ["exec"],
  ["env"],
  ["stop"],
  ["start"],
  ["restart"],
  ["ls"],
  ["down"],
  ["validate"],
  ["config"],
  ["topic", "list"],
  ["topic", "create"],
  ["topic", "describe"],
  ["topic", "delete"],
  ["topic", "tail"],
  ["topic", "produce"],
  ["images", "list"],
  ["images", "build"],
];

test("dp alone must show every command, each with what it does", async () => {
  const { stdout, error } = await parse([]);
  expect(error).toBeUndefined();
  for (const name of new Set(leaves.map(([first]) => first))) {
    expect(stdout).toMatch(new RegExp(`^ +${name} .*[a-z]`, "m"));
  }
});

test.each(leaves)(
  "dp %s %s must show two to six examples of itself in its help",
  async (...leaf) => {
    const words = leaf.filter((word) => typeof word === "string");
    const { stdout, error } = await parse([...words, "--help"]);
    expect(error).toBeUndefined();
    const [, examples = ""] = stdout.split("\nExamples:\n");
    const lines = examples.split("\n").filter((line) => line.includes(`dp ${words.join(" ")}`));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeLessThanOrEqual(6);
  },
);

test.each([
  [["pln"], "plan"],
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
