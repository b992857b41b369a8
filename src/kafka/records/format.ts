import { DpError } from "../../errors.ts";
import { decoderNames, decoderOf } from "./decoding.ts";
import {
  bytesWriter,
  fieldWriter,
  timeText,
  type Field,
  type Presentation,
  type RecordWriter,
} from "./fields.ts";
import type { Timestamp } from "../protocol/int64.ts";
import type { StoredRecord } from "./stored-record.ts";
import { compileTime, timeCodes } from "./strftime.ts";
import { visibleText } from "../../safe-text/control-characters.ts";

/*
 *   %t topic   %p partition   %o offset   %T timestamp, epoch ms   %D the same as RFC 3339 in UTC
 *   %k key     %v or %s value             %h headers `a=1,b=2`     %H their count
 *   %K %V or %S length of key and value (-1 = null)                %% a percent sign
 *   %k{hex} %v{int64} …   as --decode does        %D{%F %T}   local time, codes as in strftime
 *   %h{name}   the last header of that name       %h{%k=%v }  each header, in a format of its own
 *   \n \t \r \0 \e \\ \xNN   as in C
 *
 * The letters are those of kcat and rpk where the two agree.
 */

/** What stands where in a format; positions count from 0. */
interface Verb {
  readonly letter: string;
  /** The text between the braces after it; undefined without braces. */
  readonly argument: string | undefined;
  readonly at: number;
  readonly end: number;
}

type Piece = Verb | { readonly literal: Buffer };

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "0": "\0",
  e: "\u001B",
  "\\": "\\",
};

const numbers: Readonly<Record<string, (record: StoredRecord) => Timestamp>> = {
  p: (record) => record.partition,
  o: (record) => record.offset,
  T: (record) => record.timestamp,
  K: (record) => record.keyLength,
  V: (record) => record.valueLength,
  S: (record) => record.valueLength,
  H: (record) => (record.hasHeaders ? record.headers.length : 0),
};

const fields: Readonly<Record<string, Field>> = { k: "key", v: "value", s: "value" };

/**
 * Compiles the text of `--format`. Keys and values are written byte for byte, unless the presentation says
 * otherwise; null writes nothing, and nothing is added at the end of a record. Throws DpError `usage`, with
 * the position, for what it does not know.
 */
export function compileFormat(format: string, presentation: Presentation = {}): RecordWriter {
  const compile = (piece: Piece): RecordWriter => {
    if ("literal" in piece) {
      const { literal } = piece;
      return (_record, sink) => sink.bytes(literal, 0, literal.length);
    }
    const writer = verbWriter(piece, { format, presentation });
    if (writer === undefined) throw unknownPart(format, piece);
    return writer;
  };
  const writers = parseFormat(format, { from: 0, to: format.length }).map(compile);
  return writers.length === 0 ? () => {} : writers.reduce(inTurn);
}

/** Both one after the other: a loop over all of them would take longer for each record. */
function inTurn(first: RecordWriter, second: RecordWriter): RecordWriter {
  return (record, sink) => {
    first(record, sink);
    second(record, sink);
  };
}

function verbWriter(
  verb: Verb,
  context: { readonly format: string; readonly presentation: Presentation },
): RecordWriter | undefined {
  const { letter, argument } = verb;
  const { presentation } = context;
  const field = fields[letter];
  if (field !== undefined) {
    if (argument === undefined) return fieldWriter(field, presentation);
    const decoder = decoderOf(argument);
    return decoder && fieldWriter(field, presentation, decoder);
  }
  if (letter === "h") return headersWriter(verb, context);
  if (letter === "D") return timeWriter(verb, context.format);
  if (argument !== undefined) return undefined;
  if (letter === "t") return (record, sink) => sink.text(record.topic);
  const number = numbers[letter];
  return number && ((record, sink) => sink.integer(number(record)));
}

function timeWriter({ argument, at }: Verb, format: string): RecordWriter {
  if (argument === undefined) return (record, sink) => sink.ascii(timeText(record.timestamp));
  const text = compileTime(argument);
  if (typeof text !== "number") return (record, sink) => sink.text(text(record.timestamp));
  const from = at + "%D{".length + text;
  throw unknownPart(format, { at: from, end: from + 2 }, `times know ${timeCodes}`);
}

function headersWriter(
  { argument, at }: Verb,
  { format, presentation: { visible = false } }: { format: string; presentation: Presentation },
): RecordWriter {
  const writeBytes = bytesWriter(visible);
  const shown = visible ? visibleText : (text: string): string => text;
  if (argument === undefined) {
    return (record, sink) => {
      for (const [index, { key, value }] of record.headers.entries()) {
        sink.text(`${index === 0 ? "" : ","}${shown(key)}=`);
        if (value !== null) writeBytes(value, sink);
      }
    };
  }
  if (!argument.includes("%")) {
    return (record, sink) => {
      const value = record.headers.findLast(({ key }) => key === argument)?.value;
      if (value) writeBytes(value, sink);
    };
  }
  const from = at + "%h{".length;
  const pieces = parseFormat(format, { from, to: from + argument.length });
  for (const piece of pieces) {
    if ("literal" in piece || (/[kv]/.test(piece.letter) && piece.argument === undefined)) continue;
    throw unknownPart(format, piece, "a header has %k and %v");
  }
  return (record, sink) => {
    for (const header of record.headers) {
      for (const piece of pieces) {
        if ("literal" in piece) sink.bytes(piece.literal, 0, piece.literal.length);
        else if (piece.letter === "k") sink.text(shown(header.key));
        else if (header.value !== null) writeBytes(header.value, sink);
      }
    }
  };
}

/** The pieces of a part of the format. */
function parseFormat(
  format: string,
  { from, to }: { readonly from: number; readonly to: number },
): Piece[] {
  const pieces: Piece[] = [];
  const text = format.slice(0, to);
  const token = /[^%\\]+|%%|%(.?)|\\(?:x([0-9a-fA-F]{2})|(.?))/gsu;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, letter, hex, escaped] = match;
    const at = match.index;
    if (letter !== undefined) {
      const argument = argumentAt(format, token.lastIndex);
      if (argument !== undefined) token.lastIndex += argument.length + 2;
      pieces.push({ letter, argument, at, end: token.lastIndex });
    } else if (hex !== undefined) {
      pieces.push({ literal: Buffer.from(hex, "hex") });
    } else if (escaped === undefined) {
      pieces.push({ literal: Buffer.from(whole === "%%" ? "%" : whole) });
    } else {
      const character = escapes[escaped];
      if (character === undefined) throw unknownPart(format, { at, end: at + whole.length });
      pieces.push({ literal: Buffer.from(character) });
    }
  }
  return pieces;
}

/** The text between a brace at `at` and the one that closes it; undefined when no brace stands there. */
function argumentAt(format: string, at: number): string | undefined {
  if (format[at] !== "{") return undefined;
  let depth = 0;
  for (let end = at; end < format.length; end++) {
    if (format[end] === "{") depth++;
    if (format[end] === "}" && --depth === 0) return format.slice(at + 1, end);
  }
  throw unknownPart(format, { at, end: format.length }, "the brace is not closed");
}

const known =
  "known are %t %p %o %T %D %k %v %h %H %K %V %% and \\n \\t \\r \\0 \\e \\\\ \\xNN; %k and %v take " +
  `{KIND}: ${decoderNames.join(", ")}`;

function unknownPart(
  format: string,
  { at, end }: { readonly at: number; readonly end: number },
  why: string = known,
): DpError {
  return new DpError({
    code: "usage",
    message: `--format does not know "${format.slice(at, end)}" at character ${at + 1}`,
    why,
    evidence: [format, `${" ".repeat(at)}^`],
    next: "dp topic tail TOPIC --format '%t %p %o %D %k %v %h\\n'",
  });
}
