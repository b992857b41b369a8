import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { DpError, messageOf } from "../../errors.ts";
import { openRegularFile, readRegularFile } from "../../files/regular-file.ts";
import { normalizeText } from "../../files/text.ts";
import type { ArchiveEntry } from "../exec/archive.ts";

/** What an image is built from: the files of a folder, less those that .dockerignore names. */
export interface BuildContext {
  /** Sorted by path. */
  readonly files: readonly ArchiveEntry[];
  /** Whether the Dockerfile has an argument BASE. */
  readonly usesBase: boolean;
}

/** dp writes there at each run: its files are no part of what is built. */
const ownFolder = ".dp";

/** Reads a folder with a Dockerfile, whose path is relative to it. Throws DpError `build-failed` when it can't be read. */
export async function readContext(folder: string, dockerfile: string): Promise<BuildContext> {
  try {
    const ignored = parseIgnore(await readOptional(join(folder, ".dockerignore")));
    const files = (await readFolder({ folder, path: "", ignored, dockerfile })).toSorted((a, b) =>
      a.path < b.path ? -1 : 1,
    );
    const build = files.find(({ path }) => path === dockerfile);
    if (!build) throw new Error(`there is no ${dockerfile}`);
    const usesBase = /^\s*ARG\s+BASE\b/im.test(String(build.content));
    return { files, usesBase };
  } catch (thrown) {
    throw new DpError({
      code: "build-failed",
      message: `${folder} can't be built`,
      why: messageOf(thrown),
      next: "`build:` names a folder that holds a Dockerfile and all that it copies",
      cause: thrown,
    });
  }
}

async function readOptional(path: string): Promise<string> {
  try {
    return (await readRegularFile(path)).toString();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw thrown;
  }
}

type Ignored = (path: string) => boolean;

async function readFolder(at: {
  readonly folder: string;
  /** Relative to the folder, with `/`; empty for the folder itself. */
  readonly path: string;
  readonly ignored: Ignored;
  readonly dockerfile: string;
}): Promise<ArchiveEntry[]> {
  const { folder, path, ignored, dockerfile } = at;
  const entries = await readdir(join(folder, path), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<ArchiveEntry[]> => {
      const below = path === "" ? entry.name : `${path}/${entry.name}`;
      const absolute = join(folder, below);
      if (below === ownFolder) return [];
      if (entry.isDirectory()) return readFolder({ ...at, path: below });
      if (below !== dockerfile && ignored(below)) return [];
      if (entry.isSymbolicLink()) {
        const link = await readlink(absolute);
        return [{ path: below, content: link, link }];
      }
      if (!entry.isFile()) return [];
      const { content, mode } = await readWithMode(absolute);
      // Only whether it can be run: the rest depends on the umask of a checkout.
      return [{ path: below, content, mode: mode & 0o100 ? 0o755 : 0o644 }];
    }),
  );
  return found.flat();
}

async function readWithMode(path: string): Promise<{ content: Buffer; mode: number }> {
  const file = await openRegularFile(path, { followLinks: false });
  try {
    return { content: await file.readFile(), mode: (await file.stat()).mode };
  } finally {
    await file.close();
  }
}

interface IgnoreRule {
  readonly expression: RegExp;
  readonly ignores: boolean;
}

/**
 * The rules of a .dockerignore: the last one that fits a file, or a folder above it, decides.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseIgnore(text: string): Ignored {
  const rules = normalizeText(text)
    .split("\n")
    .flatMap((line): IgnoreRule[] => {
      const written = line.trim();
      if (written === "" || written.startsWith("#")) return [];
      const ignores = !written.startsWith("!");
      const pattern = trimSlashes(ignores ? written : written.slice(1).trim());
      if (pattern === "") return [];
      return [{ expression: patternExpression(pattern), ignores }];
    });
  return (path) => rules.findLast(({ expression }) => expression.test(path))?.ignores ?? false;
}

/** `./a/`, `/a` and `a` are the same. */
function trimSlashes(pattern: string): string {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  return parts.join("/");
}

/** `*` and `?` stay within a name, `**` does not; a folder that fits takes all below it along. */
function patternExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/?|[*?]|\[[^\]]*\]|[.+^${}()|\\]/g, (part) => {
    if (part.startsWith("**")) return part.endsWith("/") ? "(?:.*/)?" : ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.startsWith("[") ? part : `\\${part}`;
  });
  return new RegExp(`^${source}(?:/.*)?$`);
}
