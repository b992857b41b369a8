import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";

/**
 * An absolute path without symbolic links. Of a path that does not exist the existing beginning is resolved,
 * and a link to nothing is followed as well: a file that is created through the link is created there. A path
 * that can't be examined is returned as given.
 */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing || dirname(path) === path) return path;
  }
  const folder = realPathOf(dirname(path));
  const target = readLink(join(folder, basename(path)));
  return target === undefined ? join(folder, basename(path)) : realPathOf(resolve(folder, target));
}

/** Undefined for what is no link. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a relative path ends outside the folder that it begins in. */
export function isOutside(path: string): boolean {
  return /^\.\.(?:[/\\]|$)/.test(path) || isAbsolute(path);
}

/** Throws Error for a path below a folder that leaves the folder through a link. */
export function assertInside(folder: string, path: string): void {
  const target = join(folder, path);
  if (!isOutside(relative(realPathOf(folder), realPathOf(target)))) return;
  throw new Error(`${target} leaves ${folder} through a symbolic link`);
}
