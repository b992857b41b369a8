import type { Draft, Part, Setting } from "./draft.ts";

/** Lists and maps up to this many columns are written on one line. */
const lineLength = 80;

/** Comments are wrapped at this many columns. */
const commentLength = 96;

/** The text of a pipeline.yaml, in the style of the examples: short lists and maps on one line. */
export function writePipeline(draft: Draft, heading: readonly string[]): string {
  const lines = [...heading.map((line) => `# ${line}`), ""];
  if (draft.name !== undefined) lines.push(`name: ${draft.name}`);
  for (const section of ["zookeeper", "kafka", "airflow"] as const) {
    const part = draft[section];
    if (part) lines.push("", ...formatPart({ key: section, part, indent: 0 }));
  }
  for (const section of ["stores", "services", "topics"] as const) {
    if (draft[section].size > 0) lines.push("", ...formatParts(section, draft[section], 0));
  }
  if (draft.profiles.size > 0) lines.push("", "profiles:");
  for (const [name, { stores, services }] of draft.profiles) {
    lines.push(`  ${formatKey(name)}:`);
    for (const [section, parts] of Object.entries({ stores, services })) {
      if (parts.size > 0) lines.push(...formatParts(section, parts, 4));
    }
  }
  return `${lines.join("\n")}\n`;
}

function formatParts(section: string, parts: ReadonlyMap<string, Part>, indent: number): string[] {
  const entries = [...parts].flatMap(([key, part]) =>
    formatPart({ key, part, indent: indent + 2 }),
  );
  return [`${" ".repeat(indent)}${section}:`, ...entries];
}

function formatPart({ key, part, indent }: { key: string; part: Part; indent: number }): string[] {
  const margin = " ".repeat(indent);
  const comments = part.comment.flatMap(wrap).map((line) => `${margin}# ${line}`);
  const isEmpty = Object.keys(part.settings).length === 0;
  const lines = isEmpty
    ? [`${margin}${formatKey(key)}:`]
    : formatSetting({ start: `${margin}${formatKey(key)}:`, value: part.settings, indent });
  return [...comments, ...lines];
}

function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + word.length >= commentLength) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

/** A value behind `start`, which is a key or the dash of a list. */
function formatSetting(input: { start: string; value: Setting; indent: number }): string[] {
  const { start, value, indent } = input;
  const inner = " ".repeat(indent + 2);
  if (typeof value !== "object") {
    return isBlock(value)
      ? [
          `${start} |`,
          ...value
            .trimEnd()
            .split("\n")
            .map((line) => (line === "" ? "" : inner + line)),
        ]
      : [`${start} ${formatScalar(value, "block")}`];
  }
  const short = `${start} ${formatFlow(value)}`;
  if (short.length <= lineLength && !hasBlock(value)) return [short];
  if (isList(value)) {
    const items = value.flatMap((item) =>
      formatSetting({ start: `${inner}-`, value: item, indent: indent + 2 }),
    );
    return [start, ...items];
  }
  const entries = Object.entries(value).flatMap(([key, each]) =>
    formatSetting({ start: `${inner}${formatKey(key)}:`, value: each, indent: indent + 2 }),
  );
  return [start, ...entries];
}

function isList(value: Setting): value is readonly Setting[] {
  return Array.isArray(value);
}

function hasBlock(value: Setting): boolean {
  return typeof value === "object" ? Object.values(value).some(hasBlock) : isBlock(value);
}

/** A text of several lines that YAML can show as it is: with one line feed at its end. */
function isBlock(value: Setting): value is string {
  return typeof value === "string" && /^\S[^\r\t]*[^\n]\n$/.test(value) && !/ \n/.test(value);
}

function formatFlow(value: Setting): string {
  if (typeof value !== "object") return formatScalar(value, "flow");
  if (isList(value)) return `[${value.map(formatFlow).join(", ")}]`;
  const entries = Object.entries(value).map(
    ([key, each]) => `${formatKey(key)}: ${formatFlow(each)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

function formatKey(key: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(key) && !isWord(key) ? key : JSON.stringify(key);
}

/** Words that YAML 1.1 or 1.2 reads as something else than text. */
function isWord(text: string): boolean {
  return /^(true|false|yes|no|on|off|y|n|null|~|[-+]?\.inf|\.nan)$/i.test(text);
}

/** Texts of pipeline.yaml are read as they are written, so that numbers and truth values need no quotes. */
const isPlainValue = /^(-?(0|[1-9]\d{0,14})(\.\d+)?|true|false)$/;

function formatScalar(value: string | number | boolean, style: "block" | "flow"): string {
  const text = String(value);
  if (typeof value !== "string" || isPlainValue.test(text)) return text;
  const isSafe =
    /^[\w./$-](?:[^\n\r\t]*[^\s:])?$/.test(text) &&
    !/: | #|^- |^\d+:|^-?[\d_]*\.?\d*$|^0[xo]|^\d[\d_.]*e/i.test(text) &&
    !isWord(text) &&
    !/[^\x20-\x7e\u00a0-\ufffd]/.test(text);
  const isPlain = style === "block" ? isSafe : isSafe && !/[,[\]{}]/.test(text);
  if (isPlain) return text;
  const isSimple = text.includes('"') && !/['\n\r\t\\]/.test(text) && /^[\x20-\x7e]*$/.test(text);
  return isSimple ? `'${text}'` : JSON.stringify(text);
}
