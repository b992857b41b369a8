import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realPathOf } from "../../src/files/real-path.ts";
import { createFolder } from "../support/fifo.ts";

test("resolves links, also those to what does not exist", async () => {
  const folder = await realpath(await createFolder());
  await mkdir(join(folder, "a"));
  await writeFile(join(folder, "a/file"), "");
  await symlink("a", join(folder, "link"));
  await symlink("a/new", join(folder, "nothing"));
  await symlink("link/new", join(folder, "twice"));
  await symlink("circle", join(folder, "circle"));
  const resolved = [
    ["a/file", "a/file"],
    ["link/file", "a/file"],
    ["link/new/file", "a/new/file"],
    ["nothing", "a/new"],
    ["twice", "a/new"],
    ["circle", "circle"],
  ];
  for (const [path = "", target = ""] of resolved) {
    expect(realPathOf(join(folder, path))).toBe(join(folder, target));
  }
});
