/** The text of the only file of an archive that the engine sends. */
export async function readFirstFile(archive: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return firstFileOf(Buffer.concat(chunks)).toString();
}

/** A tar file of one file: the size is octal at 124 of the header, the content begins at 512. */
function firstFileOf(archive: Buffer): Buffer {
  const size = Number.parseInt(archive.toString("latin1", 124, 136), 8);
  return archive.subarray(512, 512 + size);
}
