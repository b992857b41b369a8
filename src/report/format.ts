const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in milliseconds as text that stays exact enough to compare: `850 ms`, `1.4 s`, `2 m 05 s`, `3 h 07 m`. */
export function formatDuration(durationMs: number): string {
  const rounded = Math.max(0, Math.round(durationMs));
  if (rounded < SECOND) return `${rounded} ms`;
  const tenths = Math.round(rounded / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(rounded / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
}

/** An age or uptime in milliseconds in its one largest unit, rounded down: `45 s`, `3 m`, `5 h`, `12 d`. */
export function formatAge(ageMs: number): string {
  if (ageMs < MINUTE) return `${Math.max(0, Math.floor(ageMs / SECOND))} s`;
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)} m`;
  if (ageMs < DAY) return `${Math.floor(ageMs / HOUR)} h`;
  return `${Math.floor(ageMs / DAY)} d`;
}

const SIZES = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size in bytes in decimal units: `512 B`, `38 kB`, `1.2 GB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 of a unit would be rounded to "1000": it belongs to the next one.
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${SIZES[unit] ?? ""}`;
}

/** `1 broker`, `3 brokers`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
