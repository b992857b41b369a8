/** What a figure may be at most, or at least where it is a rate, beside its peer or by itself, in the row's unit. */
export type Limit =
  | { readonly kind: "ratio"; readonly most: number }
  | { readonly kind: "excess"; readonly mostMs: number }
  | { readonly kind: "absolute"; readonly most: number }
  | { readonly kind: "rate"; readonly least: number }
  | { readonly kind: "rate-ratio"; readonly least: number }
  | { readonly kind: "none" };

/** `failed`: our own part could not be run; `not measured`: the peer could not be had. */
export type Verdict = "ok" | "over" | "not measured" | "failed" | "no limit";

export interface Row {
  readonly name: string;
  readonly unit: "ms" | "records/s" | "MB/s" | "MB";
  readonly ours: number | undefined;
  /** Undefined for a figure that is measured by itself. */
  readonly peer: { readonly name: string; readonly value: number | undefined } | undefined;
  readonly limit: Limit;
}

/** Compares a row with its limit. Nothing passes without having been measured. Pure. */
export function judge({ ours, peer, limit }: Row): Verdict {
  if (ours === undefined) return "failed";
  const within = (value: number, most: number): Verdict => (value <= most ? "ok" : "over");
  switch (limit.kind) {
    case "absolute":
      return within(ours, limit.most);
    case "rate":
      return ours >= limit.least ? "ok" : "over";
    case "ratio":
      return peer?.value === undefined ? "not measured" : within(ours / peer.value, limit.most);
    case "rate-ratio":
      if (peer?.value === undefined) return "not measured";
      return ours / peer.value >= limit.least ? "ok" : "over";
    case "excess":
      return peer?.value === undefined ? "not measured" : within(ours - peer.value, limit.mostMs);
    case "none":
      return peer !== undefined && peer.value === undefined ? "not measured" : "no limit";
  }
}

/** The middle of the values; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}
