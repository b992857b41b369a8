import { link, rm, writeFile } from "node:fs/promises";
import { DpError, messageOf } from "../../errors.ts";

/**
 * Writes a file that does not exist yet, as a whole or not at all. Throws DpError "refused" when there is one,
 * "io-failed" with the reason.
 */
export async function writeNewFile(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(aside, text, { flag: "wx" });
    // Unlike a rename, a link never replaces a file that another process has created meanwhile.
    await link(aside, file);
  } catch (error) {
    if (isExisting(error)) throw alreadyExists(file);
    throw new DpError({
      code: "io-failed",
      message: `can't write ${file}`,
      why: messageOf(error),
      cause: error,
    });
  } finally {
    await rm(aside, { force: true });
  }
}

export function alreadyExists(file: string): DpError {
  return new DpError({
    code: "refused",
    message: `${file} already exists`,
    why: "dp init never changes a pipeline.yaml",
    next: "rename the file, or name another folder: dp init DIR --from FILE",
  });
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
