/**
 * The step between two attempts of a long test: 1 tries all, and LONG_EVERY=20 one in twenty, for a first look
 * at a change.
 */
export function everyNth(): number {
  const given = Number(process.env["LONG_EVERY"] ?? 1);
  if (Number.isInteger(given) && given > 0) return given;
  throw new Error("LONG_EVERY is not a positive integer");
}
