import { isUtf8 } from "node:buffer";
import { DpError } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import { isJson } from "./json-text.ts";

/** What the bytes of a key or value say, read as something. */
export type Decoded =
  | { readonly kind: "text"; readonly text: string }
  /** JSON as it stands in a line: a number, an object. */
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: Buffer };

/** Undefined where the bytes are not of that kind. */
export type Decode = (bytes: Buffer) => Decoded | undefined;

export interface FieldDecoder {
  readonly name: string;
  readonly decode: Decode;
}

export interface Decoding {
  readonly key?: FieldDecoder;
  readonly value?: FieldDecoder;
}

/** As Kafka's own serializers write numbers: big-endian. */
const numbers: Readonly<Record<string, readonly [size: number, read: (bytes: Buffer) => unknown]>> =
  {
    int8: [1, (bytes) => bytes.readInt8()],
    int16: [2, (bytes) => bytes.readInt16BE()],
    int32: [4, (bytes) => bytes.readInt32BE()],
    int64: [8, (bytes) => bytes.readBigInt64BE()],
    uint8: [1, (bytes) => bytes.readUInt8()],
    uint16: [2, (bytes) => bytes.readUInt16BE()],
    uint32: [4, (bytes) => bytes.readUInt32BE()],
    uint64: [8, (bytes) => bytes.readBigUInt64BE()],
    float32: [4, (bytes) => bytes.readFloatBE()],
    float64: [8, (bytes) => bytes.readDoubleBE()],
  };

/** Confluent's wire format: a byte 0, the schema's id as INT32, then what the schema describes. */
const schemaHeader = 5;

const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["hex", (bytes) => ({ kind: "text", text: bytes.toString("hex") })],
  ["base64", (bytes) => ({ kind: "text", text: bytes.toString("base64") })],
  ["json", decodeJson],
  ...Object.entries(numbers).map(([name, [size, read]]): [string, Decode] => [
    name,
    (bytes) => (bytes.length === size ? numberOf(read(bytes)) : undefined),
  ]),
  [
    "confluent",
    (bytes) =>
      hasSchema(bytes) ? { kind: "bytes", bytes: bytes.subarray(schemaHeader) } : undefined,
  ],
  ["schema-id", (bytes) => (hasSchema(bytes) ? numberOf(bytes.readInt32BE(1)) : undefined)],
]);

export const decoderNames: readonly string[] = [...decoders.keys()];

/** Undefined when there is none of that name. */
export function decoderOf(name: string): FieldDecoder | undefined {
  const decode = decoders.get(name);
  return decode && { name, decode };
}

function numberOf(value: unknown): Decoded {
  const text = Object.is(value, -0) ? "-0" : String(value);
  // NaN and Infinity are no JSON.
  return { kind: /^-?\d/.test(text) ? "literal" : "text", text };
}

function hasSchema(bytes: Buffer): boolean {
  return bytes.length >= schemaHeader && bytes[0] === 0;
}

/** As written, but on one line: no line ends inside of a JSON string, so line breaks are blanks. */
function decodeJson(bytes: Buffer): Decoded | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  return isJson(text) ? { kind: "literal", text: text.replaceAll(/[\r\n]\s*/g, "") } : undefined;
}

/**
 * Reads what `--decode` takes: `KIND` of the value, or `key=KIND,value=KIND`. Throws DpError `usage` for
 * anything else.
 */
export function parseDecoding(text: string): Decoding {
  const decoding: { key?: FieldDecoder; value?: FieldDecoder } = {};
  for (const part of text.split(",")) {
    const match = /^(?:(key|value)=)?([a-z0-9-]+)$/.exec(part.trim());
    const field = match?.[1] === "key" ? "key" : "value";
    const decoder = decoderOf(match?.[2] ?? "");
    if (decoder === undefined || field in decoding) throw notADecoding(text, part);
    decoding[field] = decoder;
  }
  return decoding;
}

function notADecoding(text: string, part: string): DpError {
  const near = nearest(part.replace(/^.*=/, ""), decoderNames);
  return new DpError({
    code: "usage",
    message: `--decode can't read "${part}"`,
    why: `${part === text ? "" : `in "${text}"; `}known are ${decoderNames.join(", ")}`,
    next: near === undefined ? "write it like key=int64,value=json" : `did you mean "${near}"?`,
  });
}
