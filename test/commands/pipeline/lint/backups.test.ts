import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTargets, readGitState } from "../../../../src/commands/pipeline/lint/backups.ts";
import { writeChanges } from "../../../../src/commands/pipeline/lint/write-changes.ts";

const { signal } = new AbortController();
let folder: string;
let dags: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "dp-backups-")));
  dags = join(folder, "dags");
  await mkdir(dags);
});

afterEach(() => rm(folder, { recursive: true }));

const write = (path: string, text: string): Promise<void> => writeFile(join(dags, path), text);

async function git(...args: string[]): Promise<void> {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  await execa("git", [...identity, ...args], { cwd: folder });
}

async function backupsOf(...files: string[]): Promise<Record<string, string>> {
  const targets = await findTargets(dags, files, await readGitState(dags, signal));
  return Object.fromEntries(targets.map(({ file, backup }) => [file, backup]));
}

test("the last commit is the backup of a file without other changes", async () => {
  await git("init", "-q");
  await write("same.py", "1");
  await write("changed.py", "1");
  await write("staged.py", "1");
  await write("with space.py", "1");
  await git("add", ".");
  await git("commit", "-qm", "first");
  await write("changed.py", "2");
  await write("staged.py", "2");
  await write("new.py", "1");
  await write("added.py", "1");
  await git("add", "dags/staged.py", "dags/added.py");
  expect(
    await backupsOf("same.py", "changed.py", "staged.py", "with space.py", "new.py", "added.py"),
  ).toEqual({
    "same.py": "git",
    "changed.py": "copy-uncommitted",
    "staged.py": "copy-uncommitted",
    "with space.py": "git",
    "new.py": "copy-untracked",
    "added.py": "copy-uncommitted",
  });
});

test("an ignored folder and a repository without a commit have no backup in git", async () => {
  await git("init", "-q");
  await write("a.py", "1");
  await git("add", ".");
  expect(await backupsOf("a.py")).toEqual({ "a.py": "copy-untracked" });
  await git("rm", "-q", "--cached", "-r", ".");
  await writeFile(join(folder, ".gitignore"), "dags\n");
  await git("add", ".");
  await git("commit", "-qm", "first");
  expect(await backupsOf("a.py")).toEqual({ "a.py": "copy-untracked" });
});

test("a folder outside of git has no backup", async () => {
  await write("a.py", "1");
  expect(await backupsOf("a.py")).toEqual({ "a.py": "copy-untracked" });
});

test("a link and its file are one target", async () => {
  await write("a.py", "1");
  await symlink("a.py", join(dags, "b.py"));
  const targets = await findTargets(dags, ["a.py", "b.py"], undefined);
  expect(targets).toEqual([{ file: "a.py", path: join(dags, "a.py"), backup: "copy-untracked" }]);
});

const rewrite = (file: string, backup: "git" | "copy-untracked") => ({
  file,
  path: join(dags, file),
  backup,
  before: Buffer.from("old"),
  after: Buffer.from("new"),
});

test("writes the fixes and keeps a copy where git has none", async () => {
  await write("a.py", "old");
  await write("b.py", "old");
  await write("b.py.orig", "older");
  const written = await writeChanges([rewrite("a.py", "git"), rewrite("b.py", "copy-untracked")]);
  expect(written).toEqual([
    { file: "a.py", backup: "git" },
    { file: "b.py", backup: "b.py.orig.1" },
  ]);
  const read = (path: string) => readFile(join(dags, path), "utf8");
  expect(await Promise.all(["a.py", "b.py", "b.py.orig", "b.py.orig.1"].map(read))).toEqual([
    "new",
    "new",
    "older",
    "old",
  ]);
});

test("writes nothing when one of the files was changed", async () => {
  await write("a.py", "old");
  await write("b.py", "other");
  await expect(
    writeChanges([rewrite("a.py", "git"), rewrite("b.py", "git")]),
  ).rejects.toMatchObject({
    code: "changed-meanwhile",
    message: `${dags}/b.py was changed by another program`,
  });
  expect(await readFile(join(dags, "a.py"), "utf8")).toBe("old");
});
