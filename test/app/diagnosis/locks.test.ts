import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { askLocks } from "../../../src/app/diagnosis/ask-machine.ts";
import { judgeLocks } from "../../../src/app/diagnosis/judge-locks.ts";

const uid = process.getuid?.() ?? 0;

/** What is found of the locks in a folder for temporary files in which something was planted. */
async function diagnoseLocks(plant: (folder: string) => Promise<unknown>, owner = uid) {
  const tmp = await mkdtemp(join(tmpdir(), "dp-lock-"));
  onTestFinished(() => rm(tmp, { recursive: true, force: true }));
  const folder = join(tmp, `dp-${owner}`);
  await plant(folder);
  return { folder, finding: judgeLocks(await askLocks({ tmpdir: tmp, uid: owner })) };
}

const createFolder = (folder: string) => mkdir(folder, { mode: 0o700 });

test("finds no problem with a safe folder of locks, and with none yet", async () => {
  for (const plant of [createFolder, async () => undefined]) {
    const { folder, finding } = await diagnoseLocks(plant);
    expect(finding).toMatchObject({ verdict: "ok", detail: `no stale lock in ${folder}` });
  }
});

test("lists locks of dead processes as free, without their options", async () => {
  const { folder, finding } = await diagnoseLocks(async (path) => {
    await createFolder(path);
    const left = { pid: process.pid, startTime: "1", command: "dp up --set secret" };
    await writeFile(join(path, "E-shop.lock"), JSON.stringify(left));
  });
  expect(finding).toMatchObject({ verdict: "ok", detail: "1 of a dp that is dead: free" });
  expect(finding.evidence).toEqual([`${join(folder, "E-shop.lock")} (dp up)`]);
});

test.each([
  {
    name: "the mode of the folder",
    plant: async (folder: string) => {
      await createFolder(folder);
      await chmod(folder, 0o777);
    },
    reason: (folder: string) => `${folder} has mode 0777, not 0700`,
    hint: (folder: string) => `chmod 700 ${folder}`,
  },
  {
    name: "the owner of the folder",
    owner: uid + 1,
    plant: createFolder,
    reason: (folder: string) => `${folder} belongs to the user with id ${uid}, not to you`,
    hint: (folder: string) => `remove ${folder}, or set TMPDIR to a folder of your own`,
  },
  {
    name: "a link in place of the folder",
    plant: (folder: string) => symlink("/tmp", folder),
    reason: (folder: string) => `${folder} is a symbolic link, not a folder`,
    hint: (folder: string) => `remove ${folder}, or set TMPDIR to a folder of your own`,
  },
])("reports $name with its hint", async ({ plant, owner, reason, hint }) => {
  const { folder, finding } = await diagnoseLocks(plant, owner);
  expect(finding).toEqual({
    check: "locks",
    verdict: "problem",
    detail: `can't use ${folder} for locks`,
    evidence: [reason(folder)],
    mend: hint(folder),
  });
});

test("reports a TMPDIR that does not exist", async () => {
  const found = judgeLocks(await askLocks({ tmpdir: "/no/such/folder", uid }));
  expect(found).toMatchObject({
    verdict: "problem",
    evidence: [expect.stringMatching(/^ENOENT: /)],
    mend: "set TMPDIR to a folder that you can write to",
  });
});
