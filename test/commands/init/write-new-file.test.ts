import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeNewFile } from "../../../src/commands/init/write-new-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dp-init-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("writes a new file, and nothing else", async () => {
  await writeNewFile(join(folder, "pipeline.yaml"), "kafka:\n");
  expect(await readdir(folder)).toEqual(["pipeline.yaml"]);
  expect(await readFile(join(folder, "pipeline.yaml"), "utf8")).toBe("kafka:\n");
});

test("does not change a file that exists", async () => {
  const file = join(folder, "pipeline.yaml");
  await writeFile(file, "mine\n");
  const error = await writeNewFile(file, "kafka:\n").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "refused", message: `${file} already exists` });
  expect(await readdir(folder)).toEqual(["pipeline.yaml"]);
  expect(await readFile(file, "utf8")).toBe("mine\n");
});

test("reports a folder that does not exist", async () => {
  const file = join(folder, "none", "pipeline.yaml");
  const error = await writeNewFile(file, "kafka:\n").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "io-failed", message: `can't write ${file}` });
});
