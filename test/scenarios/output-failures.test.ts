import { execa } from "execa";
import { expect, test } from "vitest";
import { createProject } from "../support/project.ts";
import { dpCommand, dpEnvironment } from "../support/run-dp.ts";

/** Runs dp through a shell line, in which `dp` is the built one. */
async function shell(line: string, cwd: string) {
  const script = `dp() { "$DP_NODE" "$DP_BIN" "$@"; }\n${line}`;
  const [node, bin] = dpCommand;
  const env = { ...dpEnvironment(), DP_NODE: node, DP_BIN: bin };
  return execa("bash", ["-c", script], { cwd, env, extendEnv: false, reject: false });
}

test.each(["--help", "--version", "topic --help", "config", "config --json", "validate"])(
  "dp %s exits with code 1 when the disk is full",
  async (words) => {
    await using project = await createProject("kafka:\n");
    const { exitCode, stderr } = await shell(`dp ${words} > /dev/full`, project.folder);
    expect(stderr).toContain("can't write to stdout");
    expect(stderr).toContain("ENOSPC");
    expect(exitCode).toBe(1);
  },
);

test("output that the system takes only in part is an error", async () => {
  await using project = await createProject("kafka:\n");
  const line = "trap '' XFSZ; ulimit -f 1; dp --help > help.txt";
  const { exitCode, stderr } = await shell(line, project.folder);
  expect(stderr).toContain("can't write to stdout");
  expect(exitCode).toBe(1);
  expect((await project.read("help.txt")).length).toBe(1024);
});

test("a reader that closes the pipe ends dp with exit code 0 and no message", async () => {
  await using project = await createProject("kafka:\n");
  const line =
    'dp config | true; echo "${PIPESTATUS[0]}"; dp --help | true; echo "${PIPESTATUS[0]}"';
  expect(await shell(line, project.folder)).toMatchObject({ stdout: "0\n0", stderr: "" });
});

test("a stderr that can't be written changes no exit code", async () => {
  await using project = await createProject("kafka:\n");
  const line = "dp config 2> /dev/full > /dev/null; echo $?; dp no-command 2> /dev/full; echo $?";
  expect(await shell(line, project.folder)).toMatchObject({ stdout: "0\n2" });
});
