import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepOriginal, replaceFile } from "../../src/files/replace-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dp-replace-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("replaces the content and keeps the mode", async () => {
  const path = join(folder, "a.py");
  await writeFile(path, "old");
  await chmod(path, 0o751);
  await replaceFile(path, Buffer.from("\uFEFFnew\r\n"));
  expect(await readFile(path, "utf8")).toBe("\uFEFFnew\r\n");
  expect((await stat(path)).mode & 0o7777).toBe(0o751);
  expect(await readdir(folder)).toEqual(["a.py"]);
});

test("leaves no temporary file behind when the file can't be replaced", async () => {
  await expect(replaceFile(folder, Buffer.from("x"))).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  await expect(replaceFile(join(folder, "nosuch"), Buffer.from("x"))).rejects.toThrow("ENOENT");
  expect(await readdir(folder)).toEqual([]);
});

test("keeps the original beside the file, and never overwrites an earlier one", async () => {
  const path = join(folder, "a.py");
  await writeFile(path, "first", { mode: 0o640 });
  expect(await keepOriginal(path)).toBe(`${path}.orig`);
  await writeFile(path, "second");
  expect(await keepOriginal(path)).toBe(`${path}.orig.1`);
  expect(await readFile(`${path}.orig`, "utf8")).toBe("first");
  expect(await readFile(`${path}.orig.1`, "utf8")).toBe("second");
  expect((await stat(`${path}.orig`)).mode & 0o777).toBe(0o640);
});
