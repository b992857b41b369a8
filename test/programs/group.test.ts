import { expect, test } from "vitest";
import { runGroup } from "../../src/programs/group.ts";

/** Runs a script of the shell; the signal is aborted when it writes "stop". */
async function run(script: string, killAfterMs = 60_000) {
  const aborter = new AbortController();
  let text = "";
  const end = runGroup({
    program: "sh",
    args: ["-c", script],
    onErrorText: (part) => {
      text += part;
      if (text.endsWith("stop\n")) aborter.abort(new Error(text));
    },
    killAfterMs,
    signal: aborter.signal,
  });
  return { end: await end, text };
}

test("its standard error is passed on, and its end returned", async () => {
  expect(await run("echo no; printf 'grüße\\r\\n\\n' >&2; exit 3")).toEqual({
    end: { kind: "exited", code: 3 },
    text: "grüße\r\n\n",
  });
  expect((await run("kill -KILL $$")).end).toEqual({ kind: "killed", signal: "SIGKILL" });
});

test("more text than is kept of other programs is passed on", async () => {
  let length = 0;
  const end = await runGroup({
    program: "sh",
    args: ["-c", "yes | head -c 120000000 >&2"],
    onErrorText: (part) => (length += part.length),
    killAfterMs: 60_000,
    signal: new AbortController().signal,
  });
  expect([end, length]).toEqual([{ kind: "exited", code: 0 }, 120_000_000]);
});

test("a program that is missing is not started", async () => {
  const input = { args: [], onErrorText: () => undefined, killAfterMs: 1000 };
  const { signal } = new AbortController();
  expect(await runGroup({ ...input, program: "dp-no-such-program", signal })).toMatchObject({
    kind: "not-started",
    error: { code: "ENOENT" },
  });
  const ended = runGroup({
    ...input,
    program: "sh",
    signal: AbortSignal.abort(new Error("before")),
  });
  await expect(ended).rejects.toThrow("before");
});

test("an abort sends SIGTERM to all of its processes, and waits for them", async () => {
  const child = "trap 'echo child >&2; exit' TERM; echo stop >&2; while :; do sleep 0.05; done";
  const script = `trap 'wait; echo parent >&2; exit' TERM; sh -c "${child}" & wait`;
  let text = "";
  const aborter = new AbortController();
  const end = runGroup({
    program: "sh",
    args: ["-c", script],
    onErrorText: (part) => {
      text += part;
      if (text === "stop\n") aborter.abort(new Error("enough"));
    },
    killAfterMs: 60_000,
    signal: aborter.signal,
  });
  await expect(end).rejects.toThrow("enough");
  // Some shells report what ended their child.
  expect(text.split("\n")).toEqual(expect.arrayContaining(["stop", "child", "parent"]));
});

test("what does not end on SIGTERM gets SIGKILL", async () => {
  const script = "trap '' TERM; echo stop >&2; while :; do sleep 0.05; done";
  await expect(run(script, 50)).rejects.toThrow("stop");
});
