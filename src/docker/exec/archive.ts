import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

export interface ArchiveEntry {
  /** Relative to the folder that the archive is unpacked in; a leading slash is dropped. */
  readonly path: string;
  readonly content: Buffer | string;
  /** Octal permission bits (default: 0o644). */
  readonly mode?: number;
  /** Default: the owner of the archive. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Makes it a symbolic link to this path; its content is not written. */
  readonly link?: string;
}

export interface ArchiveOptions {
  readonly entries: readonly ArchiveEntry[];
  /** Owner of the files and folders (default: 0). */
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Folders that are written before the files, so that they get the archive's owner (bits 0o775);
   * whoever unpacks makes all others.
   */
  readonly folders?: readonly string[];
}

/** Time of every file and folder: the same entries always give the same bytes. */
const mtime = new Date(0);

/**
 * Streams a TAR file (POSIX ustar, with pax headers for paths that are too long for ustar or beyond ASCII), so
 * that the contents are not copied.
 */
export async function streamArchive(options: ArchiveOptions): Promise<Readable> {
  const { entries, uid = 0, gid = 0, folders = [] } = options;
  const { default: tar } = await import("tar-stream");
  const archive = tar.pack();
  const shared = { uid, gid, mtime };
  for (const folder of folders) {
    const name = `${trimSlashes(folder)}/`;
    archive.entry({ ...shared, name, type: "directory", mode: 0o775 });
  }
  for (const { path, content, mode = 0o644, owner, link } of entries) {
    const header = { ...shared, ...owner, name: path.replace(/^\/+/, ""), mode };
    if (link === undefined) archive.entry({ ...header, type: "file" }, content);
    else archive.entry({ ...header, type: "symlink", linkname: link });
  }
  archive.finalize();
  return Readable.from(archive);
}

/** A TAR file in one piece, as `streamArchive` writes it. */
export async function createArchive(options: ArchiveOptions): Promise<Buffer> {
  return buffer(await streamArchive(options));
}

function trimSlashes(path: string): string {
  return path.replaceAll(/^\/+|\/+$/g, "");
}
