import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { templatePath } from "../assets.ts";
import type { ArchiveEntry } from "./archive.ts";

/** What an image is built from. */
export interface Recipe {
  /** `dp-kafka:3.9.2-` and the first 8 hex digits of the recipe's hash. */
  readonly tag: string;
  /** The build context, except what comes from the host. */
  readonly files: readonly ArchiveEntry[];
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** The Kafka versions that can be built, because a lock of their jars is part of dp. */
export function lockedVersions(): readonly string[] {
  return readdirSync(templatePath("images/kafka/versions")).toSorted((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
}

/** The recipe of a Kafka version; undefined for a version without a lock. */
export function readRecipe(version: string): Recipe | undefined {
  if (!lockedVersions().includes(version)) return undefined;
  const folder = templatePath("images/kafka");
  const files = ["Dockerfile", "bin", "build", `versions/${version}`]
    .flatMap((path) => readTree(folder, path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const hash = hashFiles(files).slice(0, 8);
  return { tag: `dp-kafka:${version}-${hash}`, files, buildArgs: { KAFKA_VERSION: version } };
}

/**
 * The tag of the local build of a version; undefined for a version without a lock. It changes with
 * every file of the recipe, and with nothing else.
 */
export function recipeTag(version: string): string | undefined {
  return readRecipe(version)?.tag;
}

function readTree(folder: string, path: string): ArchiveEntry[] {
  const absolute = join(folder, path);
  if (path === "Dockerfile") return [{ path, content: readFileSync(absolute) }];
  return readdirSync(absolute, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return {
        path: file.slice(folder.length + 1).replaceAll("\\", "/"),
        content: readFileSync(file),
        // Said here, because neither a checkout nor a package keeps the bits for sure.
        mode: entry.name.endsWith(".sh") ? 0o755 : 0o644,
      };
    });
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
