import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { execa } from "execa";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { takeLock } from "../../../src/app/stack/lock.ts";
import { readStartTime } from "../../../src/process-identity.ts";

const uid = process.getuid?.() ?? 0;
const lock = "ABCD-shop.lock";
/** More than any process has: the highest pid that Linux gives is 4194304. */
const dead = { pid: 4_194_999, startTime: "1", command: "dp up" };
const random = "0b8f3c1e-6d2a-4f57-9a3b-2c1d0e9f8a7b";

interface Place extends AsyncDisposable {
  /** Folder for temporary files. */
  readonly tmp: string;
  /** Folder for locks in it. */
  readonly locks: string;
  files(): Promise<string[]>;
}

async function createPlace(): Promise<Place> {
  const tmp = await mkdtemp(join(tmpdir(), "dp-lock-"));
  const locks = join(tmp, `dp-${uid}`);
  await mkdir(locks, { mode: 0o700 });
  return {
    tmp,
    locks,
    files: async () => (await readdir(locks)).toSorted(),
    [Symbol.asyncDispose]: () => rm(tmp, { recursive: true }),
  };
}

const input = { uid, engineId: "AB:CD", project: "shop", command: "dp up" };

async function takeAndRelease(tmp: string): Promise<void> {
  const release = await takeLock({ ...input, tmpdir: tmp, pid: process.pid });
  await release();
}

test("removes what dead processes left beside a lock, whole or not", async () => {
  await using place = await createPlace();
  const { tmp, locks } = place;
  const aside = `new-${dead.pid}-${dead.startTime}-${random}`;
  const left = {
    [`${lock}.${aside}`]: JSON.stringify(dead),
    [`AB-other.lock.${aside}`]: "",
    [`${lock}.after-1-1`]: JSON.stringify(dead),
    [`${lock}.after-damaged`]: "",
    [`${lock}.after-1-1.after-2-2`]: JSON.stringify(dead),
    [`${lock}.after-1-1.${aside}`]: "",
  };
  for (const [name, content] of Object.entries(left)) await writeFile(join(locks, name), content);
  await takeAndRelease(tmp);
  expect(await place.files()).toEqual([]);
});

test("keeps other locks, files of living processes and unknown files", async () => {
  await using place = await createPlace();
  const { tmp, locks } = place;
  const alive = { pid: process.pid, startTime: (await readStartTime(process.pid)) ?? "" };
  const kept = [
    "AB-other.lock",
    `${lock}.new-${alive.pid}-${alive.startTime}-${random}`,
    `${lock}.after-1-1`,
    "notes.txt",
  ];
  for (const name of kept) {
    await writeFile(join(locks, name), JSON.stringify({ ...alive, command: "dp up" }));
  }
  await mkdir(join(locks, `${lock}.after-2-2`));
  await takeAndRelease(tmp);
  expect(await place.files()).toEqual([...kept, `${lock}.after-2-2`].toSorted());
});

const source = fileURLToPath(new URL("../../../src/app/stack/lock.ts", import.meta.url));

/** Takes the lock in a process that kills itself in place of a call of node:fs/promises. */
async function dieInsteadOf(call: string, { tmp }: Place): Promise<void> {
  const program = join(tmp, "take-lock.mjs");
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  const script = `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    fs[${JSON.stringify(call)}] = () => process.kill(process.pid, "SIGKILL");
    syncBuiltinESMExports();
    const { takeLock } = await import(${JSON.stringify(pathToFileURL(program))});
    await takeLock({ ...${JSON.stringify({ ...input, tmpdir: tmp })}, pid: process.pid });`;
  const args = ["--input-type=module", "-e", script];
  const { signal } = await execa(process.execPath, args, { reject: false });
  expect(signal).toBe("SIGKILL");
}

test.concurrent.each([
  // The lock is written aside, and linked.
  ["link", 1],
  // The lock of a dead holder is replaced: the lock, the right to replace it, and the new lock.
  ["rename", 3],
])("removes what a process left that was killed at its %s", async (call, count) => {
  await using place = await createPlace();
  if (call === "rename") await writeFile(join(place.locks, lock), JSON.stringify(dead));
  await dieInsteadOf(call, place);
  expect(await place.files()).toHaveLength(count);
  await takeAndRelease(place.tmp);
  expect(await place.files()).toEqual([]);
});
