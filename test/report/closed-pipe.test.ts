import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import { watchClosedPipe } from "../../src/report/closed-pipe.ts";

/** Both ends of a pipe. */
function openPipe(): { readEnd: number; writeEnd: number } {
  const folder = mkdtempSync(join(tmpdir(), "dp-pipe-"));
  const path = join(folder, "pipe");
  execaSync("mkfifo", [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(folder, { recursive: true });
  return { readEnd, writeEnd };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test("a reader that goes must be noticed without a write, and once", async () => {
  const { readEnd, writeEnd } = openPipe();
  let calls = 0;
  const gone = new Promise<void>((resolve) => {
    watchClosedPipe(writeEnd, () => {
      calls += 1;
      resolve();
    });
  });
  writeSync(writeEnd, "record\n");
  await sleep(50);
  expect(calls).toBe(0);
  const piece = Buffer.alloc(64);
  expect(readSync(readEnd, piece)).toBe(7);
  await sleep(50);
  expect(calls).toBe(0);
  closeSync(readEnd);
  await gone;
  await sleep(50);
  expect(calls).toBe(1);
  closeSync(writeEnd);
});

test("a watch that was ended must not call", async () => {
  const { readEnd, writeEnd } = openPipe();
  let calls = 0;
  const end = watchClosedPipe(writeEnd, () => {
    calls += 1;
  });
  end();
  closeSync(readEnd);
  await sleep(50);
  expect(calls).toBe(0);
  closeSync(writeEnd);
});

test("what is no pipe must not be watched", async () => {
  const file = openSync("/dev/null", "w");
  let calls = 0;
  watchClosedPipe(file, () => {
    calls += 1;
  })();
  closeSync(file);
  await sleep(20);
  expect(calls).toBe(0);
});
