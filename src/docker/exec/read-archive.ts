import { text } from "node:stream/consumers";

/** The text of the first file of an archive that the engine sends; "" when the archive has none. */
export async function readFirstFile(archive: NodeJS.ReadableStream): Promise<string> {
  const { default: tar } = await import("tar-stream");
  const entries = tar.extract();
  archive.on("error", (error: Error) => entries.destroy(error));
  archive.pipe(entries);
  let first: string | undefined;
  // All entries are read, so that the connection to the engine ends by itself.
  for await (const entry of entries) {
    if (first === undefined && entry.header.type === "file") first = await text(entry);
    else entry.resume();
  }
  return first ?? "";
}
