import { InvalidArgumentError } from "commander";
import { DpError } from "../../../errors.ts";
import type { Compression } from "../../../kafka/records/codecs.ts";
import type { NewRecord } from "../../../kafka/records/record.ts";
import { parseDecimal, type Limits } from "../../../config/units.ts";
import { optionParser } from "../../../cli/options.ts";

export interface ProduceOptions {
  readonly key?: string;
  readonly keyDelimiter?: Buffer;
  readonly header?: NewRecord["headers"];
  readonly partition?: number;
  readonly delimiter?: Buffer;
  readonly tombstone?: true;
  readonly compress: Compression;
  readonly acks: "0" | "1" | "all";
  /** Records a second. */
  readonly rate?: number;
}

/** Throws DpError `usage` for options that contradict each other. */
export function checkProduceOptions(options: ProduceOptions, json: boolean): void {
  if (options.keyDelimiter === undefined) return;
  if (options.key !== undefined) throw conflict("-K and -k", "both say what the key is");
  if (json) throw conflict("-K and --json", "the record itself says what the key is");
}

function conflict(what: string, why: string): DpError {
  return new DpError({ code: "usage", message: `${what} can't be used together`, why });
}

export function collectHeader(
  text: string,
  before: NewRecord["headers"] = [],
): NewRecord["headers"] {
  const at = text.indexOf("=");
  if (at > 0) {
    return [...before, { key: text.slice(0, at), value: Buffer.from(text.slice(at + 1)) }];
  }
  const colon = text.indexOf(":");
  const fixed = colon > 0 ? `${text.slice(0, colon)}=${text.slice(colon + 1)}` : "name=value";
  throw new InvalidArgumentError(`headers are name=value, not name:value: write ${fixed}.`);
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  0: "\0",
  "\\": "\\",
};

/** Bytes between records, or between key and value: text with the escapes `\n \r \t \0 \\ \xHH`. */
export function parseDelimiter(text: string): Buffer {
  const parts = text.split(/(\\x[0-9A-Fa-f]{2}|\\.|\\$)/s).map((part) => {
    if (!part.startsWith("\\")) return Buffer.from(part);
    if (part.length === 4) return Buffer.from(part.slice(2), "hex");
    const meant = escapes[part.slice(1)];
    if (meant !== undefined) return Buffer.from(meant);
    throw new InvalidArgumentError(`"${part}" is no escape: \\n \\r \\t \\0 \\\\ \\xHH are.`);
  });
  const bytes = Buffer.concat(parts);
  if (bytes.length === 0) throw new InvalidArgumentError("it needs at least one character.");
  return bytes;
}

/** One record in a day, up to more than a broker takes. */
const rateLimits: Limits = { least: 0.00001, most: 1_000_000_000 };

/** Records a second. */
export const parseRate = optionParser(
  (text) => parseDecimal(text, rateLimits),
  "records per second from 0.00001 to 1000000000, e.g. 100 or 0.5",
);
