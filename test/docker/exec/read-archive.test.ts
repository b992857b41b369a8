import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { createArchive } from "../../../src/docker/exec/archive.ts";
import { readFirstFile } from "../../../src/docker/exec/read-archive.ts";

test.each(["sent.json", `${"folder/".repeat(60)}grüße.json`])(
  "reads the first file: %s",
  async (path) => {
    const archive = await createArchive({
      folders: ["folder"],
      entries: [
        { path, content: "grüße".repeat(20_000) },
        { path: "second", content: "no" },
      ],
    });
    expect(await readFirstFile(Readable.from([archive]))).toBe("grüße".repeat(20_000));
    const bytes = [...archive.subarray(0, 3000)].map((byte) => Buffer.of(byte));
    const pieces = [...bytes, archive.subarray(3000)];
    expect(await readFirstFile(Readable.from(pieces))).toBe("grüße".repeat(20_000));
  },
);

test("an archive without a file is an empty text", async () => {
  const archive = await createArchive({ entries: [], folders: ["folder"] });
  expect(await readFirstFile(Readable.from([archive]))).toBe("");
});

test("an archive that ends too early, or a stream that fails, is an error", async () => {
  const archive = await createArchive({ entries: [{ path: "a", content: "x".repeat(2000) }] });
  const cut = Readable.from([archive.subarray(0, 1024)]);
  await expect(readFirstFile(cut)).rejects.toThrow("Unexpected end of data");
  const failing = Readable.from(
    (async function* fail() {
      yield await Promise.resolve(archive.subarray(0, 1024));
      throw new Error("connection lost");
    })(),
  );
  await expect(readFirstFile(failing)).rejects.toThrow("connection lost");
});
