/**
 * The id of a run: `dp__20261122T101500Z_ab12`, so that runs sort by time and two of the same second
 * differ. `random` is four characters of [0-9a-z].
 */
export function formatRunId(now: Date, random: string): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `dp__${time}_${random}`;
}
