/** The least and the largest value of one meaning; both are valid. */
export interface Limits {
  readonly least: number;
  readonly most: number;
}

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

const dayMs = 86_400_000;

/** Milliseconds of time limits and intervals. Nothing that dp waits for takes longer. */
export const waitLimits: Limits = { least: 1, most: 24 * dayMs };

/** Milliseconds of pauses that may be left out. */
export const pauseLimits: Limits = { least: 0, most: 24 * dayMs };

/** Milliseconds between two looks at what is shown repeatedly. */
export const intervalLimits: Limits = { least: 10, most: 24 * dayMs };

/** Milliseconds of ages of containers, logs and records. */
export const ageLimits: Limits = { least: 0, most: 36_500 * dayMs };

/** Bytes of a container's memory. The engine refuses less: https://docs.docker.com/engine/containers/resource_constraints/ */
export const memoryLimits: Limits = { least: 6 * 1024 ** 2, most: 64 * 1024 ** 4 };

/** Bytes of a Java heap: a broker does not start with less. */
export const heapLimits: Limits = { least: 32 * 1024 ** 2, most: 64 * 1024 ** 4 };

/** Processors of a container. The engine refuses less, and more than its machine has. */
export const processorLimits: Limits = { least: 0.01, most: 1024 };

/** Numbers of records and offsets: everything that a broker reaches, and exact in sums. */
export const recordLimits: Limits = { least: 0, most: 999_999_999_999_999 };

/** Lines of a log. */
export const lineLimits: Limits = { least: 0, most: 1_000_000_000 };

/**
 * Partitions of a topic: a KRaft controller creates no more at once
 * (https://github.com/apache/kafka/blob/4.0/metadata/src/main/java/org/apache/kafka/controller/ReplicationControlManager.java, MAX_PARTITIONS_PER_BATCH).
 */
export const partitionLimits: Limits = { least: 1, most: 10_000 };

/** Replicas of a partition: Kafka's protocol has 16 bits for them. */
export const replicationLimits: Limits = { least: 1, most: 32_767 };

/** Every exact number. */
const exactLimits: Limits = { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER };

export const durationForm = "a duration such as 500ms, 30s, 10m, 2h or 7d";
export const sizeForm = "a size such as 64k, 512m or 2g";

/** A number with `b`, `k`, `m`, `g` or `t` (1k = 1024 bytes), as Compose writes sizes. */
export const sizePattern = /^(\d+)([bkmgtBKMGT]?)[bB]?$/;

/** Numbers with a unit each, the parts of one duration: `90s` or `1h30m`. */
export const durationPattern = /^(\d+(ms|[smhd]))+$/;

/** The integer that decimal digits write, with `-` or `+` before it. Undefined for any other text and outside the limits. */
export function parseInteger(text: string, limits: Limits = exactLimits): number | undefined {
  return /^[+-]?\d+$/.test(text) ? within(Number(text), limits) : undefined;
}

/** The number that decimal digits write, also with a fraction. Undefined for any other text and outside the limits. */
export function parseDecimal(text: string, limits: Limits): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? within(Number(text), limits) : undefined;
}

/** Milliseconds of a duration such as `7d` or `1h30m`. Undefined for any other text and outside the limits. */
export function parseDuration(text: string, limits: Limits = exactLimits): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([a-z]+)/g)) {
    milliseconds += Number(count) * (millisecondsOf[unit ?? ""] ?? 0);
  }
  return within(milliseconds, limits);
}

/** Bytes of a size such as `16m`; a number alone is bytes. Undefined for any other text and outside the limits. */
export function parseSize(text: string, limits: Limits = exactLimits): number | undefined {
  const match = sizePattern.exec(text);
  const unit = bytesOf[(match?.[2] || "b").toLowerCase()] ?? 1;
  return match ? within(Number(match[1]) * unit, limits) : undefined;
}

/** The value itself; undefined outside the limits. */
export function within(value: number, { least, most }: Limits): number | undefined {
  return value >= least && value <= most ? value : undefined;
}

/** `an integer from 1 to 9` */
export function describeIntegers({ least, most }: Limits): string {
  return `an integer from ${least} to ${most}`;
}

/** `a duration from 1ms to 24d, e.g. 30s or 2h` */
export function describeDurations({ least, most }: Limits): string {
  return `a duration from ${formatDuration(least)} to ${formatDuration(most)}, e.g. 30s or 2h`;
}

/** `a size from 6m to 64t, e.g. 512m or 2g` */
export function describeSizes({ least, most }: Limits): string {
  return `a size from ${formatSize(least)} to ${formatSize(most)}, e.g. 512m or 2g`;
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

/** A size as it is written, in the largest unit that holds it: 65536 → `64k`. */
function formatSize(bytes: number): string {
  return inLargest(bytes, bytesOf) ?? `${bytes}b`;
}

/**
 * The value that Kafka gets for a config key: keys that end in `.ms` take durations, keys that end
 * in `.bytes` take sizes, plain numbers (also -1) stay. Undefined when the value is none of these,
 * or more than Kafka's 64 bits hold; keys of other endings stay as written.
 */
export function parseConfigValue(key: string, value: string): string | undefined {
  const parse = key.endsWith(".ms")
    ? parseDuration
    : key.endsWith(".bytes")
      ? parseSize
      : undefined;
  if (parse === undefined) return value;
  if (/^-?\d+$/.test(value)) return isInt64(value) ? value : undefined;
  return parse(value)?.toString();
}

/** Kafka's widest type of a config is LONG. */
function isInt64(digits: string): boolean {
  return digits.length <= 20 && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
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
