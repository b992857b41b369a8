import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DpError } from "../../../src/errors.ts";
import { parseIgnore, readContext } from "../../../src/docker/images/build-context.ts";
import { hashFiles } from "../../../src/docker/images/recipes.ts";
import { createFifo } from "../../support/fifo.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dp-context-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

test.each([
  ["node_modules", "node_modules/a/b.js", true],
  ["node_modules", "app/node_modules/b.js", false],
  ["**/node_modules", "app/node_modules/b.js", true],
  ["**/node_modules", "node_modules/b.js", true],
  ["*.log", "a.log", true],
  ["*.log", "logs/a.log", false],
  ["**/*.log", "logs/a.log", true],
  ["logs/", "logs/a.log", true],
  ["/secret?.txt", "secret1.txt", true],
  ["a.b", "axb", false],
  ["# *.txt", "a.txt", false],
  ["*\n!keep.txt", "keep.txt", false],
  ["!keep.txt\n*", "keep.txt", true],
  ["docs/**", "docs/a/b.md", true],
  ["\uFEFFdocs\r\n*.log\r\n", "docs/a.md", true],
  ["\uFEFFdocs\r\n*.log\r\n", "a.log", true],
])("with .dockerignore %j %s must be ignored: %s", (text, path, ignored) => {
  expect(parseIgnore(text)(path)).toBe(ignored);
});

test("a context must hold all files but the ignored ones, with links and what can be run", async () => {
  await write("Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await write(".dockerignore", "Dockerfile\ndata\n");
  await write("data/big.csv", "1");
  await write("bin/run.sh", "true\n");
  await chmod(join(folder, "bin/run.sh"), 0o700);
  await symlink("bin/run.sh", join(folder, "run"));
  const { files, usesBase } = await readContext(folder, "Dockerfile");
  expect(files.map(({ path, mode, link }) => [path, mode, link])).toEqual([
    [".dockerignore", 0o644, undefined],
    ["Dockerfile", 0o644, undefined],
    ["bin/run.sh", 0o755, undefined],
    ["run", undefined, "bin/run.sh"],
  ]);
  expect(usesBase).toBe(true);
});

test("the hash of a context must change with any file, link or bit, and with nothing ignored", async () => {
  await write("Dockerfile", "FROM scratch\n");
  await write(".dockerignore", "ignored\n");
  await symlink("a", join(folder, "link"));
  const hashes = new Set<string>();
  const add = async (): Promise<void> => {
    hashes.add(hashFiles((await readContext(folder, "Dockerfile")).files));
  };
  await add();
  await write("ignored/file", "1");
  await add();
  expect(hashes.size).toBe(1);
  await write("file", "1");
  await add();
  await chmod(join(folder, "file"), 0o755);
  await add();
  await rm(join(folder, "link"));
  await symlink("b", join(folder, "link"));
  await add();
  expect(hashes.size).toBe(4);
});

test("a context has the Dockerfile of the settings, ignored or not, and nothing of dp", async () => {
  await write("docker/api", "ARG BASE\nFROM ${BASE}\n");
  await write(".dockerignore", "docker\n");
  await write("docker/web", "FROM scratch\n");
  await write(".dp/failures/log", "1");
  const { files, usesBase } = await readContext(folder, "docker/api");
  expect(files.map(({ path }) => path)).toEqual([".dockerignore", "docker/api"]);
  expect(usesBase).toBe(true);
});

test("a folder without a Dockerfile must be told", async () => {
  await write("main.py", "");
  const failure = await readContext(folder, "Dockerfile").catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(DpError);
  expect((failure as DpError).why).toContain("there is no Dockerfile");
});

test("reports a .dockerignore that is a FIFO, and does not wait", async () => {
  await write("Dockerfile", "FROM scratch\n");
  const fifo = createFifo(folder, ".dockerignore");
  await expect(readContext(folder, "Dockerfile")).rejects.toMatchObject({
    code: "build-failed",
    why: `${fifo} is a FIFO, not a regular file`,
  });
});

test("leaves FIFOs out of a build context", async () => {
  await write("Dockerfile", "FROM scratch\n");
  createFifo(folder, "fifo");
  expect((await readContext(folder, "Dockerfile")).files.map(({ path }) => path)).toEqual([
    "Dockerfile",
  ]);
});
