export interface ArchiveEntry {
  /** Relative to the folder that the archive is unpacked in; a leading slash is dropped. */
  readonly path: string;
  readonly content: Buffer | string;
  /** Octal permission bits; 0o644 unless said. */
  readonly mode?: number;
  /** Makes it a symbolic link to this path; its content is not written. */
  readonly link?: string;
}

export interface ArchiveOptions {
  readonly entries: readonly ArchiveEntry[];
  /** Owner of every file and folder; 0 unless said. */
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Folders that are written before the files, so that they get the archive's owner (bits 0o775);
   * whoever unpacks makes all others.
   */
  readonly folders?: readonly string[];
}

const blockSize = 512;

/**
 * A tar file (POSIX ustar). The same entries always give the same bytes: the time of every file is 0.
 * Throws RangeError for a path that does not fit into ustar's 100 + 155 bytes, or a link
 * to one of more than 100.
 */
export function createArchive(options: ArchiveOptions): Buffer {
  const { entries, uid = 0, gid = 0, folders = [] } = options;
  const blocks: Buffer[] = [];
  for (const folder of folders) {
    const path = `${folder.replace(/\/+$/, "")}/`;
    blocks.push(formatHeader({ path, size: 0, mode: 0o775, uid, gid, link: undefined }));
  }
  for (const { path, content, mode = 0o644, link } of entries) {
    const data = Buffer.from(link === undefined ? content : "");
    const padding = Buffer.alloc((blockSize - (data.length % blockSize)) % blockSize);
    blocks.push(formatHeader({ path, size: data.length, mode, uid, gid, link }), data, padding);
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

/**
 * One ustar header (IEEE Std 1003.1, pax, "ustar Interchange Format"): offset and length of
 *   name 0,100 · mode 100,8 · uid 108,8 · gid 116,8 · size 124,12 · mtime 136,12 · checksum 148,8 ·
 *   typeflag 156,1 · linkname 157,100 · magic 257,6 · version 263,2 · prefix 345,155
 * Numbers are octal digits, ended by NUL. The checksum is the sum of all bytes of the header with
 * eight spaces in its own place: six digits, NUL, space.
 */
function formatHeader(file: {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly link?: string | undefined;
}): Buffer {
  const header = Buffer.alloc(blockSize);
  const { name, prefix } = splitPath(file.path.replace(/^\/+/, ""));
  const writeOctal = (value: number, offset: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, "0"), offset, "latin1");
  };
  header.write(name, 0);
  writeOctal(file.mode, 100, 8);
  writeOctal(file.uid, 108, 8);
  writeOctal(file.gid, 116, 8);
  writeOctal(file.size, 124, 12);
  writeOctal(0, 136, 12);
  header.write(" ".repeat(8), 148);
  header.write(typeFlag(file), 156);
  header.write(linkName(file), 157);
  header.write("ustar\u000000", 257);
  header.write(prefix, 345);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return header;
}

/** 0 a file, 2 a symbolic link, 5 a folder. */
function typeFlag({ path, link }: { readonly path: string; readonly link?: string | undefined }) {
  if (link !== undefined) return "2";
  return path.endsWith("/") ? "5" : "0";
}

function linkName({
  path,
  link = "",
}: {
  readonly path: string;
  readonly link?: string | undefined;
}) {
  if (Buffer.byteLength(link) <= 100) return link;
  throw new RangeError(`link too long for a tar file: ${path}`);
}

/** ustar keeps a long path in two fields, which are joined by a slash. */
function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new RangeError(`path too long for a tar file: ${path}`);
}
