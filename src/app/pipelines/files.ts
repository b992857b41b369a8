import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { DpError } from "../../errors.ts";
import { isOutside } from "../../files/real-path.ts";
import { readRegularFile } from "../../files/regular-file.ts";
import { readOutput } from "../../programs/read-output.ts";

export interface ProjectFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** 0o755 for a file that may be executed, else 0o644. */
  readonly mode: number;
  readonly content: Buffer;
}

export interface ProjectFiles {
  /** Sorted by path. */
  readonly files: readonly ProjectFile[];
  /** What was left out, and why: a line each. */
  readonly notes: readonly string[];
}

const maxBytes = 20_000_000;
const namedFiles = 5;
/** Never part of a pipeline's code: dp's own folder, data. */
const neverCode = [".git", ".dp", "data"];
/** `.env`, `.env.local`, `.envrc`: secrets, in whatever folder. */
const secretFiles = /(^|\/)\.env/;
/** Left out where git does not say what is ignored. */
const usuallyIgnored =
  /(^|\/)(\.git|node_modules|__pycache__|\.venv|venv|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.idea|\.vscode|\.DS_Store)(\/|$)|\.pyc$/;

/**
 * The files of a project that its pipelines may need. Throws DpError `invalid-file` when they are more
 * than 20 MB, naming the largest. `leftOut` are names directly in the folder; files with secrets never travel.
 */
export async function readProjectFiles(
  folder: string,
  leftOut: readonly string[] = neverCode,
): Promise<ProjectFiles> {
  const root = await realpath(folder);
  const isLeftOut = (path: string): boolean =>
    secretFiles.test(path) || leftOut.includes(path.split("/")[0] ?? "");
  const paths = (await listPaths(root)).filter((path) => !isLeftOut(path));
  const found = await Promise.all(paths.map((path) => examine({ root, path, isLeftOut })));
  const notes = found.flatMap((file) => ("note" in file ? [file.note] : []));
  const files = found.flatMap((file) => ("size" in file ? [file] : []));
  refuseLarge(files, root);
  const entries = await Promise.all(
    files.map(async ({ path, mode }) => ({
      path,
      mode,
      content: await readRegularFile(join(root, path)),
    })),
  );
  return { files: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)), notes };
}

/** Files that git knows or would take in; where there is no git, all but what is usually ignored. */
async function listPaths(root: string): Promise<string[]> {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = await readOutput({ program: "git", args, cwd: root, timeoutMs: Infinity });
  const paths = [...new Set(listed?.split("\0").filter((path) => path !== ""))];
  // A folder that git itself ignores has no files for it.
  return paths.length > 0 ? paths : walk(root, "");
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (usuallyIgnored.test(path)) return [];
      return entry.isDirectory() ? walk(root, path) : [path];
    }),
  );
  return found.flat();
}

interface Examined {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** A link counts as the file that it points to, as long as that lies in the folder and may travel itself. */
async function examine(one: {
  readonly root: string;
  readonly path: string;
  readonly isLeftOut: (path: string) => boolean;
}): Promise<Examined | { readonly note: string } | { readonly gone: true }> {
  const { root, path, isLeftOut } = one;
  const absolute = join(root, path);
  const own = await lstat(absolute).catch(() => undefined);
  if (own?.isSymbolicLink() === true) {
    const target = await realpath(absolute).catch(() => undefined);
    const within = target === undefined ? ".." : relative(root, target);
    if (isOutside(within)) {
      return { note: `${path} is left out: it is a link that leaves the project's folder` };
    }
    if (isLeftOut(within)) {
      return { note: `${path} is left out: it is a link to ${within}, which is never sent` };
    }
  }
  const file = await stat(absolute).catch(() => undefined);
  if (file?.isFile() !== true) {
    const isLink = own?.isSymbolicLink() === true;
    return isLink ? { note: `${path} is left out: it is a link to a folder` } : { gone: true };
  }
  return { path, size: file.size, mode: file.mode & 0o111 ? 0o755 : 0o644 };
}

function refuseLarge(files: readonly Examined[], root: string): void {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= maxBytes) return;
  const largest = files.toSorted((a, b) => b.size - a.size).slice(0, namedFiles);
  const toMb = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
  throw new DpError({
    code: "invalid-file",
    message: `the project's files are too many to send: ${toMb(total)}, limit ${toMb(maxBytes)}`,
    why: `all of ${root} travels with each version of the pipelines`,
    evidence: largest.map(({ path, size }) => `${toMb(size).padStart(10)}  ${path}`),
    next: "name what is no code in .gitignore, or move it to data/, which is left out",
  });
}
