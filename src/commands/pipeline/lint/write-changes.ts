import { dirname, relative } from "node:path";
import { DpError, messageOf } from "../../../errors.ts";
import { readRegularFile } from "../../../files/regular-file.ts";
import { keepOriginal, replaceFile } from "../../../files/replace-file.ts";
import type { Target } from "./backups.ts";

/** A file with its content before and after the fixes. */
export interface Rewrite extends Target {
  readonly before: Buffer;
  readonly after: Buffer;
}

export interface Written {
  readonly file: string;
  /** `git`, or the path of the copy relative to the folder of DAGs. */
  readonly backup: string;
}

/**
 * Writes the fixed files, each at once, after a copy where git has none. Throws DpError `changed-meanwhile`
 * if one of them was changed after it was linted, before any is written, and `io-failed`.
 */
export async function writeChanges(rewrites: readonly Rewrite[]): Promise<Written[]> {
  await Promise.all(rewrites.map(assertUnchanged));
  const written: Written[] = [];
  for (const { file, path, backup, after } of rewrites) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- after a failure no other file is changed
      const copy = backup === "git" ? undefined : await keepOriginal(path);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await replaceFile(path, after);
      written.push({ file, backup: copy === undefined ? "git" : besideFile(file, path, copy) });
    } catch (thrown) {
      throw writeFailed(path, written, thrown);
    }
  }
  return written;
}

function besideFile(file: string, path: string, copy: string): string {
  const folder = dirname(file);
  const name = relative(dirname(path), copy);
  return folder === "." ? name : `${folder}/${name}`;
}

async function assertUnchanged({ path, before }: Rewrite): Promise<void> {
  const now = await readRegularFile(path).catch(() => undefined);
  if (now?.equals(before) === true) return;
  throw new DpError({
    code: "changed-meanwhile",
    message: `${path} was changed by another program`,
    why: "the fixes are for the content that dp read before; no file was changed",
    next: "dp pipeline lint --fix",
  });
}

function writeFailed(path: string, written: readonly Written[], thrown: unknown): DpError {
  return new DpError({
    code: "io-failed",
    message: `can't write ${path}`,
    why: messageOf(thrown),
    evidence: written.map(({ file, backup }) => `changed before: ${file} (backup: ${backup})`),
    next: "fix the permissions or free disk space, then run dp pipeline lint --fix",
    cause: thrown,
  });
}
