/**
 * RESP2, the protocol of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 *
 *   command = "*" count CRLF { "$" length CRLF bytes CRLF }
 *   reply   = "+" text CRLF | "-" text CRLF | ":" number CRLF
 *           | "$" length CRLF bytes CRLF | "$-1" CRLF
 *           | "*" count CRLF { reply } | "*-1" CRLF
 */
export type Reply = string | number | null | RedisError | readonly Reply[];

/** The server's own words, e.g. `WRONGPASS invalid username-password pair`. */
export interface RedisError {
  readonly error: string;
}

const lineEnd = "\r\n";

export function encodeCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}${lineEnd}${word}${lineEnd}`);
  return `*${words.length}${lineEnd}${parts.join("")}`;
}

interface Read {
  readonly reply: Reply;
  /** Where the next one begins. */
  readonly end: number;
}

/** The reply that begins at a place; undefined while it is not whole. Throws on what is no RESP. */
export function readReply(data: Buffer, start = 0): Read | undefined {
  const lineStop = data.indexOf(lineEnd, start);
  if (lineStop < 0) return undefined;
  const line = data.toString("utf8", start + 1, lineStop);
  const end = lineStop + lineEnd.length;
  const mark = String.fromCharCode(data[start] ?? 0);
  switch (mark) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: { error: line }, end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return readBytes(data, { length: Number(line), start: end });
    case "*":
      return readList(data, { count: Number(line), start: end });
    default:
      throw new Error(`not the protocol of Redis: ${JSON.stringify(mark + line.slice(0, 80))}`);
  }
}

function readBytes(
  data: Buffer,
  { length, start }: { readonly length: number; readonly start: number },
): Read | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + lineEnd.length;
  if (data.length < end) return undefined;
  return { reply: data.toString("utf8", start, start + length), end };
}

function readList(
  data: Buffer,
  { count, start }: { readonly count: number; readonly start: number },
): Read | undefined {
  if (count < 0) return { reply: null, end: start };
  const replies: Reply[] = [];
  let end = start;
  while (replies.length < count) {
    const read = readReply(data, end);
    if (!read) return undefined;
    replies.push(read.reply);
    end = read.end;
  }
  return { reply: replies, end };
}
