const lineFeed = Buffer.from("\n");
const nothing = Buffer.alloc(0);

/** Lines that came together: line i lies in `bytes` from `bounds[2 * i]` up to `bounds[2 * i + 1]`. */
export interface Lines {
  readonly bytes: Buffer;
  readonly bounds: readonly number[];
}

/** Whether nothing but spaces and tabs stands between two places. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== 0x20 && bytes[at] !== 0x09) return false;
  }
  return true;
}

/**
 * The lines of a stream of bytes, without the delimiter that ends each; the last one may lack it. Without
 * a delimiter they are the lines of a text: they end with LF or CRLF, and a byte order mark is not part
 * of the first one. They are given as they came, for as long as their chunk is good: a buffer for each of
 * a million would take longer than to write them.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  delimiter?: Buffer,
): AsyncGenerator<Lines, void, void> {
  if (delimiter !== undefined) yield* splitExactly(source, delimiter);
  else yield* withoutReturns(splitExactly(withoutMark(source), lineFeed));
}

async function* splitExactly(
  source: AsyncIterable<Buffer>,
  delimiter: Buffer,
): AsyncGenerator<{ readonly bytes: Buffer; readonly bounds: number[] }, void, void> {
  // A single byte is found faster than a buffer.
  const wanted = delimiter.length === 1 ? (delimiter[0] ?? 0) : delimiter;
  /** Of a line whose end has not come yet. */
  let pieces: Buffer[] = [];
  /** The last bytes of the pieces, in which a delimiter may have begun. */
  let seam = nothing;
  const keep = (piece: Buffer): void => {
    // A copy, as the memory of a chunk may be used again for the next one.
    pieces.push(Buffer.from(piece));
    if (delimiter.length === 1) return;
    const end = Buffer.concat([seam, piece.subarray(-delimiter.length)]);
    seam = end.subarray(Math.max(0, end.length - delimiter.length + 1));
  };
  for await (const chunk of source) {
    let start = 0;
    if (pieces.length > 0) {
      const searched = seam.length === 0 ? chunk : Buffer.concat([seam, chunk]);
      const found = searched.indexOf(wanted);
      if (found < 0) {
        keep(chunk);
        continue;
      }
      // Negative when the delimiter began before the chunk.
      const end = found - seam.length;
      const line = Buffer.concat([...pieces, chunk.subarray(0, Math.max(0, end))]);
      yield { bytes: line, bounds: [0, line.length + Math.min(0, end)] };
      start = end + delimiter.length;
      pieces = [];
      seam = nothing;
    }
    const bounds: number[] = [];
    for (let end = chunk.indexOf(wanted, start); end >= 0; end = chunk.indexOf(wanted, start)) {
      bounds.push(start, end);
      start = end + delimiter.length;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
    if (bounds.length > 0) yield { bytes: chunk, bounds };
  }
  const last = Buffer.concat(pieces);
  if (last.length > 0) yield { bytes: last, bounds: [0, last.length] };
}

const byteOrderMark = Buffer.from("\uFEFF");

async function* withoutMark(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  /** The bytes before it is known whether they are a mark. */
  let head: Buffer | undefined = nothing;
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const isMark: boolean = head.subarray(0, 3).equals(byteOrderMark.subarray(0, head.length));
    if (isMark && head.length < byteOrderMark.length) continue;
    yield isMark ? head.subarray(byteOrderMark.length) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

const carriageReturn = 0x0d;

async function* withoutReturns(
  source: AsyncIterable<{ readonly bytes: Buffer; readonly bounds: number[] }>,
): AsyncGenerator<Lines, void, void> {
  for await (const { bytes, bounds } of source) {
    for (let index = 1; index < bounds.length; index += 2) {
      const end = bounds[index] ?? 0;
      const isLonger = end > (bounds[index - 1] ?? 0);
      if (isLonger && bytes[end - 1] === carriageReturn) bounds[index] = end - 1;
    }
    yield { bytes, bounds };
  }
}
