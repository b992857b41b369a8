const millisecondsOf: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const bytesOf: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

export const durationForm = "a duration such as 500ms, 30s, 10m, 2h or 7d";
export const sizeForm = "a size such as 64k, 512m or 2g";

/** A number with `b`, `k`, `m`, `g` or `t` (1k = 1024 bytes), as Compose writes sizes. */
export const sizePattern = /^(\d+)([bkmgtBKMGT]?)[bB]?$/;

/** Milliseconds of a duration such as `7d`; undefined when the text is none. A unit must stand. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = millisecondsOf[match?.[2] ?? ""];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** Bytes of a size such as `16m`; a number alone is bytes. Undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const match = sizePattern.exec(text.trim());
  if (!match) return undefined;
  const unit = bytesOf[(match[2] || "b").toLowerCase()];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/**
 * The value that Kafka gets for a config key: keys that end in `.ms` take durations, keys that end
 * in `.bytes` take sizes, plain numbers (also -1) stay. Undefined when the value is none of these;
 * keys of other endings stay as written.
 */
export function parseConfigValue(key: string, value: string): string | undefined {
  if (/^-?\d+$/.test(value)) return value;
  if (key.endsWith(".ms")) return parseDuration(value)?.toString();
  if (key.endsWith(".bytes")) return parseSize(value)?.toString();
  return value;
}
