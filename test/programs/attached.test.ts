import { join } from "node:path";
import type { Writable } from "node:stream";
import { execa } from "execa";
import { expect, test } from "vitest";
import type { ProgramEnd } from "../../src/programs/program-end.ts";

const module = join(import.meta.dirname, "../../src/programs/attached.ts");

/** Starts a program attached to a process of its own, which sends SIGTERM to it for what comes on fd 3. */
function run(program: string, ...args: readonly string[]) {
  const code = `
import { Socket } from "node:net";
import { startAttached } from ${JSON.stringify(module)};
const { signal } = new AbortController();
const input = { program: ${JSON.stringify(program)}, args: ${JSON.stringify(args)} };
const child = await startAttached({ ...input, cwd: "/", env: { ...process.env, ONE: "1" }, signal });
new Socket({ fd: 3 }).on("data", () => child.kill("SIGTERM"));
const end = await child.end;
process.send({ ...end, error: end.error?.code });
process.exit();
`;
  return execa("node", ["--import", "tsx", "--input-type=module", "--eval", code], {
    stdio: ["pipe", "pipe", "pipe", ["pipe"]],
    encoding: "buffer",
    stripFinalNewline: false,
    ipc: true,
  });
}

async function endOf(child: ReturnType<typeof run>): Promise<ProgramEnd> {
  const end = (await child.getOneMessage()) as ProgramEnd;
  await child;
  return end;
}

test.concurrent("the bytes of its streams are passed as they are", async () => {
  const child = run("sh", "-c", `cat; printf '\\377\\n\\n'; printf "$ONE" >&2; pwd >&2`);
  child.stdin.end(Buffer.from([0, 254, 13, 10]));
  expect(await endOf(child)).toEqual({ kind: "exited", code: 0 });
  const { stdout, stderr } = await child;
  expect(Buffer.from(stdout)).toEqual(Buffer.from([0, 254, 13, 10, 255, 10, 10]));
  expect(Buffer.from(stderr).toString()).toBe("1/\n");
});

test.concurrent.each([
  [["sh", "-c", "exit 7"], { kind: "exited", code: 7 }],
  [["sh", "-c", "kill -KILL $$"], { kind: "killed", signal: "SIGKILL" }],
  [["dp-no-such-program"], { kind: "not-started", error: "ENOENT" }],
  [["/etc/passwd"], { kind: "not-started", error: "EACCES" }],
])("%j ends as %j", async ([program = "", ...args], end) => {
  expect(await endOf(run(program, ...args))).toEqual(end);
});

// execa sends SIGKILL 5 seconds after SIGTERM, unless that is switched off.
test.concurrent("a program may take its time after SIGTERM", { timeout: 30_000 }, async () => {
  const child = run(
    "sh",
    "-c",
    `trap 'sleep 6; exit 9' TERM; echo up; while :; do sleep 0.05; done`,
  );
  const end = endOf(child);
  child.stdout.once("data", () => (child.stdio[3] as unknown as Writable).write("\n"));
  expect(await end).toEqual({ kind: "exited", code: 9 });
});
