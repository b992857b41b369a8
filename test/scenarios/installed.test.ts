import { access, readdir, readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  installPackage,
  moveRecords,
  type InstalledPackage,
} from "../support/installed-package.ts";
import { packagesOf, readSource } from "../support/sources.ts";

let dp: InstalledPackage;

beforeAll(async () => {
  dp = await installPackage();
});

afterAll(async () => {
  await dp[Symbol.asyncDispose]();
});

test("an installed dp launches a cluster and moves records with each codec", async () => {
  const { written, read } = await moveRecords(dp, process.execPath);
  expect(read).toEqual(written);
});

test("installs at most 10 MB, without a warning", async () => {
  const { stdout } = await execa("du", ["--summarize", "--bytes", dp.prefix]);
  expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(10_000_000);
  expect(dp.output).toMatch(/added \d+ packages/);
  expect(dp.output).not.toMatch(/warn|deprecated|script/i);
});

test("depends on exactly the packages that the bundle imports", async () => {
  const manifest = JSON.parse(await readFile(join(dp.folder, "package.json"), "utf8")) as unknown;
  expect(manifest).not.toHaveProperty("devDependencies");
  const { dependencies } = manifest as { readonly dependencies: Readonly<Record<string, string>> };
  const dist = join(dp.folder, "dist");
  const files = (await readdir(dist)).filter((name) => name.endsWith(".js"));
  const packages = await Promise.all(
    files.map(async (name) =>
      packagesOf(readSource(name, await readFile(join(dist, name), "utf8"))),
    ),
  );
  const external = new Set(packages.flat().filter((name) => !isBuiltin(name)));
  expect([...external].toSorted()).toEqual(Object.keys(dependencies).toSorted());
});

test("contains the docs, their links, and the licenses of what is bundled", async () => {
  const schema = join(dp.folder, "docs/pipeline.schema.json");
  expect(JSON.parse(await readFile(schema, "utf8"))).toHaveProperty("properties.kafka");
  const readme = await readFile(join(dp.folder, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(2);
  const shipped = links.filter((path) => path !== "CONTRIBUTING.md");
  const missing = await Promise.all(
    shipped.map((path) =>
      access(join(dp.folder, path)).then(
        () => [],
        () => [path],
      ),
    ),
  );
  expect(missing.flat()).toEqual([]);
  const licenses = await readFile(join(dp.folder, "dist/THIRD-PARTY-LICENSES"), "utf8");
  for (const name of ["commander", "dockerode", "kafkajs", "yaml", "zod"]) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d.*\\(.+\\)$`, "m"));
  }
});
