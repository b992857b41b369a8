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

export const durationPattern = /^(\d+)(ms|s|m|h|d)$/;

/** Milliseconds of a duration such as `7d`; undefined when the text is none. A unit must stand. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text.trim());
  const unit = millisecondsOf[match?.[2] ?? ""];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** A duration as it is written, in the largest unit that holds it: 90000 → `90s`. */
export function formatDuration(milliseconds: number): string {
  return inLargest(milliseconds, millisecondsOf) ?? `${milliseconds}ms`;
}

function inLargest(amount: number, units: Readonly<Record<string, number>>): string | undefined {
  const largest = Object.entries(units).findLast(
    ([, size]) => amount >= size && amount % size === 0,
  );
  return largest && `${amount / largest[1]}${largest[0]}`;
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

/** A value of Kafka's as a person writes it, so that parseConfigValue reads it back: 604800000 → `7d`. */
export function formatConfigValue(key: string, value: string): string {
  const amount = Number(value);
  if (!/^[1-9]\d*$/.test(value) || !Number.isSafeInteger(amount)) return value;
  if (key.endsWith(".ms")) return formatDuration(amount);
  const hasUnit = key.endsWith(".bytes") && amount % 1024 === 0;
  return (hasUnit && inLargest(amount, bytesOf)) || value;
}

/** Milliseconds of a duration that the schema has let through. */
export function durationOf(text: string): number {
  return checked(parseDuration(text), text);
}

export function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationOf(text);
}

/** Bytes of a size that the schema has let through. */
export function sizeOf(text: string): number {
  return checked(parseSize(text), text);
}

export function optionalSize(text: string | undefined): number | undefined {
  return text === undefined ? undefined : sizeOf(text);
}

function checked(value: number | undefined, text: string): number {
  if (value === undefined) throw new TypeError(`neither a duration nor a size: ${text}`);
  return value;
}
