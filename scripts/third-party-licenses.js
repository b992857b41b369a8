import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The folder of the innermost package that a path lies in, e.g. `node_modules/pg`. */
const packageFolder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * Returns a text with name, version, and license of each npm package that a bundle contains, sorted by name.
 * `inputs` are the paths of esbuild's metafile. Throws when a package declares no license.
 */
export async function describeLicenses(inputs) {
  const folders = new Set(inputs.flatMap((input) => packageFolder.exec(input)?.[1] ?? []));
  const entries = await Promise.all([...folders].map(describePackage));
  return [...new Set(entries)].toSorted().join(`\n${"-".repeat(80)}\n\n`);
}

async function describePackage(folder) {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (typeof manifest.license !== "string") throw new Error(`${folder} declares no license`);
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  const texts = await Promise.all(
    names.toSorted().map((name) => readFile(join(folder, name), "utf8")),
  );
  return [
    `${manifest.name} ${manifest.version} (${manifest.license})\n`,
    ...texts.map(withEnd),
  ].join("\n");
}

function withEnd(text) {
  return `${text.trimEnd()}\n`;
}
