const lineFeed = Buffer.from("\n");

/** Lines that came together: line i lies in `bytes` from `bounds[2 * i]` up to `bounds[2 * i + 1]`. */
export interface Lines {
  readonly bytes: Buffer;
  readonly bounds: readonly number[];
}

/**
 * The lines of a stream of bytes, without the delimiter that ends each; the last one may lack it. They
 * are given as they came, for as long as their chunk is good: a buffer for each of a million would take
 * longer than to write them.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  delimiter: Buffer = lineFeed,
): AsyncGenerator<Lines, void, void> {
  const [only] = delimiter.length === 1 ? delimiter : [];
  /** Of a line whose end has not come yet. */
  let pieces: Buffer[] = [];
  for await (const chunk of source) {
    let bytes = chunk;
    let start = 0;
    if (pieces.length > 0) {
      const end = chunk.indexOf(delimiter);
      if (only === undefined) {
        // A longer delimiter may have begun in the chunk before.
        bytes = Buffer.concat([...pieces, chunk]);
      } else if (end < 0) {
        pieces.push(Buffer.from(chunk));
        continue;
      } else {
        const line = Buffer.concat([...pieces, chunk.subarray(0, end)]);
        yield { bytes: line, bounds: [0, line.length] };
        start = end + 1;
      }
    }
    const bounds: number[] = [];
    const wanted = only ?? delimiter;
    for (let end = bytes.indexOf(wanted, start); end >= 0; end = bytes.indexOf(wanted, start)) {
      bounds.push(start, end);
      start = end + delimiter.length;
    }
    // A copy, as the memory of a chunk may be used again for the next one.
    pieces = start < bytes.length ? [Buffer.from(bytes.subarray(start))] : [];
    if (bounds.length > 0) yield { bytes, bounds };
  }
  const last = Buffer.concat(pieces);
  if (last.length > 0) yield { bytes: last, bounds: [0, last.length] };
}
