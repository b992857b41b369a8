import type { WrittenStep } from "./written.ts";

export type WrittenSource = Exclude<WrittenStep["from"], string | undefined>;
export type WrittenSink = Exclude<WrittenStep["to"], string | undefined>;

/** What is before the colon of an endpoint and is not the name of a store; for files and S3 to come. */
export const endpointWords: ReadonlySet<string> = new Set(["topic", "file", "http", "https", "s3"]);

/**
 * The short form of an endpoint, split at its first colon:
 *
 *     "topic:" NAME                 a topic
 *     ("http" | "https") "://" …    a URL
 *     STORE ":" TABLE               a table of a store
 *
 * Undefined when there is no colon, nothing on one of its sides, or another of the `endpointWords`.
 */
export type ShortEndpoint =
  | { readonly topic: string }
  | { readonly http: string }
  | { readonly store: string; readonly table: string };

export function parseShort(text: string): ShortEndpoint | undefined {
  if (/^https?:\/\/./i.test(text)) return { http: text };
  const [, name, rest] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  if (name === "topic") return { topic: rest };
  return endpointWords.has(name) ? undefined : { store: name, table: rest };
}

/** The long form of a source; undefined when there is none that can be read. */
export function sourceOf({ from }: WrittenStep): WrittenSource | undefined {
  return typeof from === "string" ? parseShort(from) : from;
}

/** The long form of a sink; undefined when there is none that can be read. */
export function sinkOf({ to }: WrittenStep): WrittenSink | undefined {
  if (typeof to !== "string") return to;
  const short = parseShort(to);
  return short && "http" in short ? undefined : short;
}

export interface NamedFunction {
  /** As written, relative to the folder of pipeline.yaml. */
  readonly file: string;
  readonly name: string;
}

/** The parts of `file.py:function`; undefined when the text has another form. */
export function parseFunction(text: string): NamedFunction | undefined {
  const [, file, name] = /^(.+\.py):([\p{L}_][\p{L}\p{N}_]*)$/u.exec(text) ?? [];
  return file === undefined || name === undefined ? undefined : { file, name };
}

/** The topic of `topic:NAME`, where records that can't be used go; undefined for fail and skip. */
export function badRecordTopic({ on_bad_record: written }: WrittenStep): string | undefined {
  return written?.startsWith("topic:") ? written.slice("topic:".length) : undefined;
}
