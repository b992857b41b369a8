import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { templatePath } from "../../assets.ts";
import type { ArchiveEntry } from "../exec/archive.ts";
import { imageSources, packageFiles, type ImageWhat, type RecipeSource } from "./recipe-table.ts";

/** An image that dp may build. */
export interface ImageVersion {
  readonly what: ImageWhat;
  readonly version: string;
}

/** What an image is built from. */
export interface Recipe {
  /** `dp-kafka:3.9.2-` and the first 8 hex digits of the recipe's hash. */
  readonly tag: string;
  /** The build context, except what comes from the host. */
  readonly files: readonly ArchiveEntry[];
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** The versions of an image that can be built, because what they are built from is part of dp. */
export function buildableVersions(what: ImageWhat): readonly string[] {
  return imageSources[what].versions();
}

/** Every image that can be built. */
export function buildableImages(): readonly ImageVersion[] {
  return (Object.keys(imageSources) as ImageWhat[]).flatMap((what) =>
    buildableVersions(what).map((version) => ({ what, version })),
  );
}

/**
 * The recipe of an image on Debian's base; undefined for a version that can't be built. Its tag
 * changes with every file of the recipe, and with nothing else.
 */
export function readRecipe({ what, version }: ImageVersion): Recipe | undefined {
  if (!buildableVersions(what).includes(version)) return undefined;
  const source = imageSources[what].build(version);
  const files = readFiles(source);
  const hash = hashFiles(files).slice(0, 8);
  return { tag: `dp-${what}:${version}-${hash}`, files, buildArgs: source.buildArgs };
}

/**
 * The recipe of what dp puts on an image that it has not built; undefined for one that runs as it
 * is. Its tag changes with every file of the recipe and with the base, whose id (`sha256:…`) is given.
 */
export function readLayer({ what, version }: ImageVersion, baseId: string): Recipe | undefined {
  const source = imageSources[what].layer;
  if (!source) return undefined;
  const files = readFiles(source);
  const hash = hashFiles([...files, { path: "BASE", content: baseId }]).slice(0, 8);
  return { tag: `dp-${what}:${version}-${hash}`, files, buildArgs: source.buildArgs };
}

/** The context of what adds the packages of pipeline.yaml to an image, without the packages. */
export function readPackageRecipe(): readonly ArchiveEntry[] {
  return readFiles({ files: packageFiles });
}

/** Hex sha256 over paths and contents, each with its length in front. */
export function hashFiles(files: readonly ArchiveEntry[]): string {
  const hash = createHash("sha256");
  for (const { path, content, mode } of files) {
    const size = Buffer.byteLength(content);
    hash.update(`${path}\n${(mode ?? 0o644).toString(8)}\n${size}\n`).update(content);
  }
  return hash.digest("hex");
}

function readFiles({ files }: Pick<RecipeSource, "files">): readonly ArchiveEntry[] {
  return Object.entries(files)
    .flatMap(([path, template]) => readTree(path, templatePath(`images/${template}`)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The entry of a file, or those of all files below a folder. */
function readTree(path: string, absolute: string): ArchiveEntry[] {
  if (!statSync(absolute).isDirectory()) return [readEntry(path, absolute)];
  return readdirSync(absolute, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("__pycache__"))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const rest = file.slice(absolute.length).replaceAll("\\", "/");
      return readEntry(`${path}${rest}`, file);
    });
}

function readEntry(path: string, absolute: string): ArchiveEntry {
  const content = readFileSync(absolute);
  // Said here, because neither a checkout nor a package keeps the bits for sure.
  return { path, content, mode: path.endsWith(".sh") ? 0o755 : 0o644 };
}
