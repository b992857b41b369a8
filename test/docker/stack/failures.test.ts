import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { saveFailure } from "../../../src/docker/stack/failures.ts";
import { createFolder } from "../../support/fifo.ts";

/** A container that has no log. */
const client = {
  getContainer: () => ({ inspect: () => Promise.resolve({ Config: { Env: ["A=b"] } }) }),
} as unknown as Parameters<typeof saveFailure>[0]["client"];

const save = (folder: string): ReturnType<typeof saveFailure> => {
  const containers = new Map([["api", "shop-api"]]);
  const input = { client, folder, containers, now: new Date(0), redact: (text: string) => text };
  return saveFailure(input);
};

test("saves logs in .dp, also where .dp is a link within the folder", async () => {
  const folder = await createFolder();
  await mkdir(join(folder, "build"));
  await symlink("build", join(folder, ".dp"));
  const saved = join(folder, ".dp/failures/1970-01-01T00-00-00.000Z");
  expect(await save(folder)).toBe(saved);
  expect(await readdir(saved)).toEqual(["api.inspect.json", "api.log"]);
});

test.each([".dp", ".dp/failures"])(
  "saves no logs through a %s that leaves the folder",
  async (path) => {
    const [folder, outside] = [await createFolder(), await createFolder()];
    if (path !== ".dp") await mkdir(join(folder, ".dp"));
    await symlink(outside, join(folder, path));
    await expect(save(folder)).rejects.toThrow(
      `${join(folder, ".dp/failures")} leaves ${folder} through a symbolic link`,
    );
    expect(await readdir(outside)).toEqual([]);
  },
);

test("writes no .gitignore through a link that leaves the folder", async () => {
  const [folder, outside] = [await createFolder(), await createFolder()];
  const victim = join(outside, "file");
  await writeFile(victim, "mine");
  await mkdir(join(folder, ".dp"));
  await symlink(victim, join(folder, ".dp/.gitignore"));
  await expect(save(folder)).rejects.toThrow("through a symbolic link");
  expect(await readFile(victim, "utf8")).toBe("mine");
});
