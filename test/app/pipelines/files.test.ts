import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import { readProjectFiles } from "../../../src/app/pipelines/files.ts";

interface Folder extends AsyncDisposable {
  readonly path: string;
  paths(): Promise<string[]>;
}

async function createFolder(files: Readonly<Record<string, string | Buffer>>): Promise<Folder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "dp-files-")));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return {
    path,
    paths: async () => (await readProjectFiles(path)).files.map((file) => file.path),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const project = {
  "pipeline.yaml": "name: x\n",
  "pipelines/a.py": "a = 1\n",
  ".env": "SECRET=1\n",
  ".dp/failures/log": "",
  "data/orders.jsonl": "{}\n",
  "pipelines/data/kept.json": "{}\n",
};

test("secrets, data and dp's own folder must never travel with the code", async () => {
  await using folder = await createFolder(project);
  expect(await folder.paths()).toEqual([
    "pipeline.yaml",
    "pipelines/a.py",
    "pipelines/data/kept.json",
  ]);
});

test("leaves out names that begin with .env in every folder, and links to them", async () => {
  await using folder = await createFolder({
    "a.py": "",
    "env.py": "",
    ".env.local": "",
    "pipelines/.env": "",
    "pipelines/.envrc": "",
    ".env-old/a.py": "",
    "data/a.csv": "",
  });
  await symlink("pipelines/.env", join(folder.path, "settings"));
  await symlink("data/a.csv", join(folder.path, "a.csv"));
  const { files, notes } = await readProjectFiles(folder.path);
  expect(files.map(({ path }) => path)).toEqual(["a.py", "env.py"]);
  expect(notes.toSorted()).toEqual([
    "a.csv is left out: it is a link to data/a.csv, which is never sent",
    "settings is left out: it is a link to pipelines/.env, which is never sent",
  ]);
});

test("without git what tools leave behind must stay", async () => {
  const left = { "pipelines/__pycache__/a.pyc": "", ".venv/bin/python": "", "b.pyc": "" };
  await using folder = await createFolder({ "a.py": "", ...left });
  expect(await folder.paths()).toEqual(["a.py"]);
});

test("in a git work tree what git ignores must stay, and new files must travel", async () => {
  await using folder = await createFolder({
    ...project,
    ".gitignore": "*.log\n/out/\n",
    "a.log": "",
    "out/b.txt": "",
  });
  execaSync("git", ["init", "-q"], { cwd: folder.path });
  expect(await folder.paths()).toEqual([
    ".gitignore",
    "pipeline.yaml",
    "pipelines/a.py",
    "pipelines/data/kept.json",
  ]);
});

test("a link within the folder must travel as its file, one that leaves it must be named", async () => {
  await using folder = await createFolder({ "a.py": "a = 1\n" });
  await symlink("a.py", join(folder.path, "b.py"));
  await symlink("/etc/hostname", join(folder.path, "c.py"));
  const { files, notes } = await readProjectFiles(folder.path);
  expect(files.map(({ path, content }) => [path, content.toString()])).toEqual([
    ["a.py", "a = 1\n"],
    ["b.py", "a = 1\n"],
  ]);
  expect(notes).toEqual(["c.py is left out: it is a link that leaves the project's folder"]);
});

test("more than 20 MB must be refused with the largest files", async () => {
  await using folder = await createFolder({
    "small.py": "",
    "big.bin": Buffer.alloc(15_000_000),
    "model.bin": Buffer.alloc(6_000_000),
  });
  await expect(readProjectFiles(folder.path)).rejects.toMatchObject({
    code: "invalid-file",
    message: "the project's files are too many to send: 21.0 MB, limit 20.0 MB",
    evidence: ["   15.0 MB  big.bin", "    6.0 MB  model.bin", "    0.0 MB  small.py"],
  });
});
