import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSeed, readSeed } from "../../../src/kafka/produce/seed-lines.ts";

let folder = "";
let file = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "seed-lines-"));
  file = join(folder, "seed.jsonl");
});

afterAll(() => rm(folder, { recursive: true }));

async function valuesOf(content: string | Buffer): Promise<(string | undefined)[]> {
  await writeFile(file, content);
  const values: (string | undefined)[] = [];
  for await (const { key, value } of readSeed({ file, format: undefined })) {
    values.push(`${key?.toString() ?? "-"}=${value?.toString()}`);
  }
  return values;
}

test("a seed with a byte order mark, CRLF and blank lines has its records only", async () => {
  const text = '\uFEFF{"key":"a","value":"1"}\r\n\r\n \t\r\n{"id": 2}\r\nlast';
  expect(await valuesOf(text)).toEqual(["a=1", '-={"id": 2}', "-=last"]);
  expect(await valuesOf("\uFEFF")).toEqual([]);
});

test("a line that is not a record is named by file and number", async () => {
  await writeFile(file, '{"value":1}\n\n{"value":2,"timestamp":1795000000}\n');
  const seed = { file, format: "records" } as const;
  expect(await checkSeed(seed, 2)).toMatchObject({
    code: "usage",
    message: `${file}:3 is not a record`,
    why: expect.stringContaining("1795000000"),
  });
  expect(await checkSeed(seed, 1)).toBeUndefined();
  expect(await checkSeed({ ...seed, format: undefined }, 9)).toBeUndefined();
  expect(await checkSeed({ file: folder, format: undefined }, 9)).toMatchObject({
    code: "io-failed",
  });
});
