import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import type { DpError } from "../../../src/errors.ts";
import { takeLock } from "../../../src/app/stack/lock.ts";

const uid = process.getuid?.() ?? 0;

interface Place extends AsyncDisposable {
  readonly folder: string;
  take(pid?: number): Promise<() => Promise<void>>;
  files(): Promise<string[]>;
}

async function createPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "dp-lock-"));
  const common = { tmpdir: folder, uid, engineId: "AB:CD", project: "shop" };
  return {
    folder,
    take: (pid = process.pid) => takeLock({ ...common, pid, command: `dp up of ${pid}` }),
    files: () => readdir(join(folder, `dp-${uid}`)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** Processes that live until they are disposed of: a lock's holder must be a real one. */
function sleepers(count: number): Disposable & { readonly pids: number[] } {
  const children = Array.from({ length: count }, () => execa("sleep", ["60"], { reject: false }));
  return {
    pids: children.map(({ pid }) => pid ?? 0),
    [Symbol.dispose]: () => {
      for (const child of children) child.kill();
    },
  };
}

test("a lock that is held must be refused with the holder's pid and command, and be free afterwards", async () => {
  await using place = await createPlace();
  using others = sleepers(1);
  const release = await place.take();
  expect(await place.files()).toEqual(["ABCD-shop.lock"]);
  await expect(place.take(others.pids[0])).rejects.toMatchObject({
    code: "locked",
    why: `pid ${process.pid}: dp up of ${process.pid}`,
  });
  await release();
  expect(await place.files()).toEqual([]);
  await (
    await place.take(others.pids[0])
  )();
});

test("the lock of a holder that is dead must count as free", async () => {
  await using place = await createPlace();
  const child = execa("sleep", ["60"], { reject: false });
  await place.take(child.pid);
  child.kill("SIGKILL");
  await child;
  const release = await place.take();
  await release();
  expect(await place.files()).toEqual([]);
});

test("a holder whose pid another process has by now must count as dead", async () => {
  await using place = await createPlace();
  await place.take();
  const path = join(place.folder, `dp-${uid}`, "ABCD-shop.lock");
  const holder = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...holder, startTime: "1" }));
  const release = await place.take();
  await release();
  expect(await place.files()).toEqual([]);
});

test("a lock that is no JSON must count as free", async () => {
  await using place = await createPlace();
  await (
    await place.take()
  )();
  await writeFile(join(place.folder, `dp-${uid}`, "ABCD-shop.lock"), "");
  await (
    await place.take()
  )();
  expect(await place.files()).toEqual([]);
});

test.each(["no lock", "a dead holder's lock"])(
  "of many that come at once on %s exactly one must get it",
  async (start) => {
    await using place = await createPlace();
    using others = sleepers(8);
    for (let round = 0; round < 40; round++) {
      if (start !== "no lock") {
        await (
          await place.take()
        )();
        const dead = { pid: 4_194_999, startTime: "1", command: "dp up" };
        await writeFile(join(place.folder, `dp-${uid}`, "ABCD-shop.lock"), JSON.stringify(dead));
      }
      const attempts = await Promise.allSettled(others.pids.map((pid) => place.take(pid)));
      const taken = attempts.filter(({ status }) => status === "fulfilled");
      expect(taken).toHaveLength(1);
      const refused = attempts.flatMap((attempt) =>
        attempt.status === "rejected" ? [(attempt.reason as DpError).code] : [],
      );
      expect(refused).toEqual(Array.from({ length: 7 }, () => "locked"));
      for (const attempt of attempts) if (attempt.status === "fulfilled") await attempt.value();
      expect(await place.files()).toEqual([]);
    }
  },
  // Hundreds of races: seconds on a busy machine.
  60_000,
);
