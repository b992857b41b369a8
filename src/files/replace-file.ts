import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Replaces the content of a file at once: a reader sees the old content or the new one, never a part. The mode
 * is kept, and the owner where the system allows it. Throws the system's error, and leaves the file then.
 */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  const file = await open(temporary, "wx", 0o600);
  try {
    try {
      await file.writeFile(content);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid).catch(() => {});
      await file.chmod(mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** How many copies of a file may lie beside it. */
const maxCopies = 100;

/**
 * Copies a file to `FILE.orig` beside it, or to `FILE.orig.1` and so on: no file is overwritten. Returns the
 * path of the copy. Throws the system's error.
 */
export async function keepOriginal(path: string): Promise<string> {
  for (let number = 0; ; number++) {
    const copy = number === 0 ? `${path}.orig` : `${path}.orig.${number}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code !== "EEXIST" || number === maxCopies) throw thrown;
    }
  }
}
