import { ExactNumber } from "../model/exact-number.ts";

/** Changes a text, e.g. masks the secrets in it. */
export type ChangeText = (text: string) => string;

/**
 * Fields that may quote others: programs, logs, files, commands. All other fields are names, states and
 * numbers that scripts compare; a secret that happens to be such a word is not masked there.
 */
const quotingFields = new Set([
  "advice",
  "cause",
  "detail",
  "error",
  "evidence",
  "hint",
  "lastLines",
  "line",
  "log",
  "mend",
  "message",
  "next",
  "note",
  "notes",
  "problem",
  "reason",
  "text",
  "waitingFor",
  "why",
]);

/** The value with all texts of its quoting fields changed, at any depth. */
export function redactFields<Value>(value: Value, change: ChangeText): Value {
  return mapFields(value, "", (text, field) =>
    quotingFields.has(field) ? change(text) : text,
  ) as Value;
}

/** The value with every text in it changed, at any depth. */
export function mapTexts<Value>(value: Value, change: ChangeText): Value {
  return mapFields(value, "", change) as Value;
}

/** `field` is the name of the field that the value, or the list around it, is in. */
function mapFields(
  value: unknown,
  field: string,
  change: (text: string, field: string) => string,
): unknown {
  if (typeof value === "string") return change(value, field);
  if (Array.isArray(value)) return value.map((item) => mapFields(item, field, change));
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, mapFields(inner, name, change)]),
  );
}
