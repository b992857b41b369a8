import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { crc32c as native } from "@node-rs/crc32";
import { execa } from "execa";
import { expect, test } from "vitest";
import { crc32c, crc32cOfTable } from "../../../src/kafka/records/crc32c.ts";
import { createFolder } from "../../support/fifo.ts";
import { createRandom } from "../../support/random.ts";

test("has the value of the standard, with and without native code", () => {
  const nine = Buffer.from("123456789");
  expect([crc32c, crc32cOfTable].map((checksum) => checksum(nine))).toEqual([
    0xe3069283, 0xe3069283,
  ]);
});

test("computes the same with and without native code", () => {
  const random = createRandom(1);
  for (const length of [0, 1, 7, 8, 255, 10_000]) {
    const bytes = Buffer.from(Array.from({ length }, () => random.below(256)));
    expect(crc32c(bytes)).toBe(native(bytes));
    expect(crc32cOfTable(bytes)).toBe(native(bytes));
  }
});

test.each([
  ["another library is loaded", "module.exports = {};"],
  ["none can be loaded", "throw new Error('no such library');"],
])("is right where instead of the native code %s", async (_, source) => {
  const library = join(await createFolder(), "library.cjs");
  await writeFile(library, source);
  const module = pathToFileURL(join(import.meta.dirname, "../../../src/kafka/records/crc32c.ts"));
  const script = `const { crc32c } = await import("${module.href}");
    process.stdout.write(String(crc32c(Buffer.from("123456789"))));`;
  const { stdout } = await execa(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script],
    // Where the loader of the native code looks first.
    { env: { NAPI_RS_NATIVE_LIBRARY_PATH: library } },
  );
  expect(Number(stdout)).toBe(0xe3069283);
});
