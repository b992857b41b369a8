import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  NotRegularError,
  readRegularFile,
  readRegularFileSync,
} from "../../src/files/regular-file.ts";
import { createFifo, createFolder } from "../support/fifo.ts";

test("reads a regular file, and the one that a link names", async () => {
  const folder = await createFolder();
  const file = join(folder, "a.txt");
  await writeFile(file, "text");
  await symlink(file, join(folder, "link"));
  for (const path of [file, join(folder, "link")]) {
    expect((await readRegularFile(path)).toString()).toBe("text");
    expect(readRegularFileSync(path).toString()).toBe("text");
  }
});

test.each([
  ["a FIFO without a writer", (folder: string) => createFifo(folder, "it"), "FIFO"],
  ["a folder", (folder: string) => folder, "folder"],
  ["a device", () => "/dev/zero", "device"],
])("rejects %s at once", async (_, createPath, kind) => {
  const path = createPath(await createFolder());
  const message = `${path} is a ${kind}, not a regular file`;
  await expect(readRegularFile(path)).rejects.toThrow(new NotRegularError(message));
  expect(() => readRegularFileSync(path)).toThrow(new NotRegularError(message));
});

test("rejects a file above the limit", async () => {
  const file = join(await createFolder(), "a.txt");
  await writeFile(file, "12345");
  expect((await readRegularFile(file, { maxBytes: 5 })).length).toBe(5);
  await expect(readRegularFile(file, { maxBytes: 4 })).rejects.toThrow(
    `${file} has 5 bytes, and the limit is 4`,
  );
});

test("follows no link where none is expected", async () => {
  const folder = await createFolder();
  await writeFile(join(folder, "a.txt"), "text");
  await symlink("a.txt", join(folder, "link"));
  const reading = readRegularFile(join(folder, "link"), { followLinks: false });
  await expect(reading).rejects.toMatchObject({ code: "ELOOP" });
});
