import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkDuckDb } from "../../src/stores/duckdb.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dp-duckdb-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a DuckDB file must be told by its first bytes", async () => {
  const path = join(await temporaryFolder(), "a.duckdb");
  await writeFile(path, "\x01\x02\x03\x04\x05\x06\x07\x08DUCK@");
  expect(await checkDuckDb(path)).toBe(path);
  await writeFile(path, "id,name\n1,DUCK\n");
  await expect(checkDuckDb(path)).rejects.toThrow("is no DuckDB file");
  await writeFile(path, "");
  await expect(checkDuckDb(path)).rejects.toThrow("is no DuckDB file");
});

test("a file that is not there yet must need a folder that it can be made in", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "data/deep/a.duckdb");
  expect(await checkDuckDb(path)).toBe(`is not there yet; ${folder} can be written to`);
  await writeFile(join(folder, "data"), "");
  await expect(checkDuckDb(path)).rejects.toThrow("ENOTDIR");
});
