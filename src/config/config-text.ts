import { stringify, type ScalarTag } from "yaml";
import { ExactNumber } from "../model/exact-number.ts";
import { formatPath } from "../stack/path.ts";
import type { ConfigEntry, Source } from "./config.ts";

interface Line {
  readonly text: string;
  readonly comment?: string;
}

/** Makes numbers read as they were written. */
const exactNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => value instanceof ExactNumber,
  resolve: (text) => new ExactNumber(text),
  stringify: ({ value }) => String(value),
};
const yaml = { lineWidth: 0, indentSeq: true, customTags: [exactNumber] };

/**
 * The entries as a pipeline.yaml. With `commentOf` each value has a comment behind it; `paint` gives
 * comments their colour.
 */
export function renderConfig(
  entries: readonly ConfigEntry[],
  comments?: { of: (source: Source) => string; paint: (text: string) => string },
): string {
  const lines = entries.flatMap((entry) => linesOf(entry, comments?.of));
  const widths = lines.flatMap(({ text, comment }) => (comment === undefined ? [] : [text.length]));
  const column = Math.min(widestColumn, Math.max(0, ...widths));
  const rendered = lines.map(({ text, comment }) => {
    if (comment === undefined || !comments) return text;
    return `${text.padEnd(column)}  ${comments.paint(`# ${comment}`)}`;
  });
  return `${rendered.join("\n")}\n`;
}

/** One long value must not push the comments of the others away. */
const widestColumn = 48;

function linesOf(entry: ConfigEntry, commentOf: ((source: Source) => string) | undefined): Line[] {
  const indent = "  ".repeat(entry.path.length - 1);
  if ("entries" in entry) {
    const key = stringify(entry.key, yaml).trimEnd();
    return [
      { text: `${indent}${key}:` },
      ...entry.entries.flatMap((each) => linesOf(each, commentOf)),
    ];
  }
  const [first = "", ...rest] = stringify({ [entry.key]: entry.value }, yaml)
    .trimEnd()
    .split("\n");
  const comment = commentOf?.(entry.source);
  return [
    { text: `${indent}${first}`, ...(comment === undefined ? {} : { comment }) },
    ...rest.map((text) => ({ text: text === "" ? "" : `${indent}${text}` })),
  ];
}

/** Where a value comes from, in a few words: `pipeline.yaml:4`, `profile ci, pipeline.yaml:12`. */
export function describeSource(source: Source, file: string): string {
  const places = (source.variables ?? []).map(({ name, from }) => {
    if (from === "default") return `${name} is not set`;
    return from === "environment" ? `${name} from the environment` : `${name} from .env`;
  });
  return [placeText(source, file), ...places].join(", ");
}

function placeText(source: Source, file: string): string {
  switch (source.from) {
    case "file":
      return fileText(file, source.line);
    case "profile":
      return `profile ${source.profile}, ${fileText(file, source.line)}`;
    case "flag":
      return source.flag;
    case "environment":
      return source.variable;
    case "default":
      return "default";
  }
}

function fileText(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** The entries as a plain value. */
export function configDocument(entries: readonly ConfigEntry[]): Record<string, unknown> {
  return Object.fromEntries(
    entries.map((entry) => [
      entry.key,
      "entries" in entry ? configDocument(entry.entries) : entry.value,
    ]),
  );
}

/** Every value's dotted path with where it comes from. */
export function sourceList(entries: readonly ConfigEntry[]): ({ path: string } & Source)[] {
  return entries.flatMap((entry) =>
    "entries" in entry
      ? sourceList(entry.entries)
      : [{ path: formatPath(entry.path), ...entry.source }],
  );
}
