import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { listLocks, takeLock } from "../../../src/app/stack/lock.ts";

const uid = process.getuid?.() ?? 0;

async function createTmpdir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dp-lock-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const take = (folder: string, owner = uid): Promise<() => Promise<void>> =>
  takeLock({
    tmpdir: folder,
    uid: owner,
    engineId: "AB:CD",
    project: "shop",
    pid: process.pid,
    command: "dp up",
  });

test("creates the folder of locks and the lock for the user alone", async () => {
  const folder = await createTmpdir();
  const release = await take(folder);
  const modes = [`dp-${uid}`, `dp-${uid}/ABCD-shop.lock`].map(async (path) => {
    return (await stat(join(folder, path))).mode & 0o777;
  });
  expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
  await release();
});

const unsafe: readonly {
  readonly name: string;
  readonly plant: (path: string) => Promise<unknown>;
  readonly why: (path: string) => string;
  readonly next: (path: string) => string;
}[] = [
  {
    name: "that others may write to",
    plant: async (path) => chmod((await mkdir(path, { recursive: true })) ?? path, 0o777),
    why: (path) => `${path} has mode 0777, not 0700`,
    next: (path) => `chmod 700 ${path}`,
  },
  {
    name: "that is a link",
    plant: (path) => symlink("/tmp", path),
    why: (path) => `${path} is a symbolic link, not a folder`,
    next: (path) => `remove ${path}, or set TMPDIR to a folder of your own`,
  },
  {
    name: "that is a file",
    plant: (path) => writeFile(path, ""),
    why: (path) => `${path} is a file, not a folder`,
    next: (path) => `remove ${path}, or set TMPDIR to a folder of your own`,
  },
];

test.each(unsafe)("rejects a folder of locks $name", async ({ plant, why, next }) => {
  const folder = await createTmpdir();
  const path = join(folder, `dp-${uid}`);
  await plant(path);
  await expect(take(folder)).rejects.toMatchObject({
    code: "io-failed",
    message: `can't use ${path} for locks`,
    why: why(path),
    next: next(path),
  });
  expect(await listLocks({ tmpdir: folder, uid })).toEqual([]);
});

test("rejects a folder of locks that belongs to another user", async () => {
  const folder = await createTmpdir();
  await (
    await take(folder)
  )();
  const path = join(folder, `dp-${uid + 1}`);
  await mkdir(path, { mode: 0o700 });
  await expect(take(folder, uid + 1)).rejects.toMatchObject({
    code: "io-failed",
    why: `${path} belongs to the user with id ${uid}, not to you`,
    next: `remove ${path}, or set TMPDIR to a folder of your own`,
  });
});

test("writes no lock through a link that another process planted", async () => {
  const folder = await createTmpdir();
  const victim = join(folder, "victim");
  await writeFile(victim, "mine");
  const locks = join(folder, `dp-${uid}`);
  await mkdir(locks, { mode: 0o700 });
  const lock = join(locks, "ABCD-shop.lock");
  for (const path of [lock, `${lock}.${process.pid}`]) await symlink(victim, path);
  await (
    await take(folder)
  )();
  expect(await readFile(victim, "utf8")).toBe("mine");
});

test.each([
  ["/proc", /^ENOENT: /],
  ["/proc/self/status", /^ENOTDIR: /],
  ["/no/such/folder", /^ENOENT: /],
])("reports %s as a TMPDIR that can't hold locks", async (folder, why) => {
  await expect(take(folder)).rejects.toMatchObject({
    code: "io-failed",
    message: `can't use ${join(folder, `dp-${uid}`)} for locks`,
    why: expect.stringMatching(why) as unknown,
    next: "set TMPDIR to a folder that you can write to",
  });
});

const holder = { pid: process.pid, startTime: "", command: "dp up" };

test.each([
  ["null", "null"],
  ["an array", "[]"],
  ["no pid", JSON.stringify({ ...holder, pid: undefined })],
  ["pid 0", JSON.stringify({ ...holder, pid: 0 })],
  ["pid -1", JSON.stringify({ ...holder, pid: -1 })],
  ["pid 1 of another start time", JSON.stringify({ ...holder, pid: 1, startTime: "1" })],
])("takes over a lock with %s", async (_, content) => {
  const folder = await createTmpdir();
  const path = join(folder, `dp-${uid}`);
  await mkdir(path, { mode: 0o700 });
  await writeFile(join(path, "ABCD-shop.lock"), content);
  await (
    await take(folder)
  )();
  expect(await readdir(path)).toEqual([]);
});

test("takes over a lock that is a FIFO or a link to nothing", async () => {
  const folder = await createTmpdir();
  const path = join(folder, `dp-${uid}`);
  await mkdir(path, { mode: 0o700 });
  const lock = join(path, "ABCD-shop.lock");
  for (const plant of [
    () => execaSync("mkfifo", [lock]),
    () => symlink(join(folder, "nowhere"), lock),
  ]) {
    await plant();
    await (
      await take(folder)
    )();
    expect(await readdir(path)).toEqual([]);
  }
});

test("reports a lock that is a folder, and leaves no other file", async () => {
  const folder = await createTmpdir();
  const path = join(folder, `dp-${uid}`);
  const lock = join(path, "ABCD-shop.lock");
  await mkdir(path, { mode: 0o700 });
  await mkdir(lock);
  await expect(take(folder)).rejects.toMatchObject({
    code: "io-failed",
    message: "can't lock shop",
    why: `${lock} is a folder, not a lock`,
    next: `remove the folder ${lock}`,
  });
  expect(await readdir(path)).toEqual(["ABCD-shop.lock"]);
});

test("counts a lock of an unknown start time as held while its process lives", async () => {
  const folder = await createTmpdir();
  const path = join(folder, `dp-${uid}`);
  await mkdir(path, { mode: 0o700 });
  await writeFile(join(path, "ABCD-shop.lock"), JSON.stringify(holder));
  await expect(take(folder)).rejects.toMatchObject({ code: "locked" });
});
