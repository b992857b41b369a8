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
  return mapFields(value, { change, isQuote: false }) as Value;
}

function mapFields(
  value: unknown,
  { change, isQuote }: { readonly change: ChangeText; readonly isQuote: boolean },
): unknown {
  if (typeof value === "string") return isQuote ? change(value) : value;
  if (Array.isArray(value)) return value.map((item) => mapFields(item, { change, isQuote }));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      mapFields(field, { change, isQuote: isQuote || quotingFields.has(name) }),
    ]),
  );
}

/** The value with every text in it changed, at any depth. */
export function mapTexts<Value>(value: Value, change: ChangeText): Value {
  return mapFields(value, { change, isQuote: true }) as Value;
}
