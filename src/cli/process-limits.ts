import { DpError, messageOf } from "../errors.ts";

/**
 * The absolute path of the folder that dp was started in. Throws DpError `io-failed` when it no longer exists,
 * or when the user may not read the folders above it.
 */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (thrown) {
    const isGone = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    throw new DpError({
      code: "io-failed",
      message: "can't find the current folder",
      why: isGone ? "the folder was removed after this shell changed to it" : messageOf(thrown),
      next: "cd to a folder that exists",
      cause: thrown,
    });
  }
}

/** The failure, as one that the user can fix where the system allows no more open files. */
export function explainOpenFiles(thrown: unknown): unknown {
  const { code, message } = (thrown ?? {}) as NodeJS.ErrnoException;
  if (code !== "EMFILE" && code !== "ENFILE") return thrown;
  return new DpError({
    code: "io-failed",
    message: "can't open another file",
    why: message,
    next: "ulimit -n 1024",
    cause: thrown,
  });
}
