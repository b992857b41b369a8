/** What one check of `dp doctor` came to. */
export interface Finding {
  /** A name that stays the same from run to run: `engine`, `ports`, `kafka-1 from this machine`. */
  readonly check: string;
  /** `problem`: something can't work, `warning`: it may not, or it is worth knowing. */
  readonly verdict: "ok" | "warning" | "problem";
  readonly detail: string;
  readonly evidence: readonly string[];
  /** What mends it: a command, or the line to edit. */
  readonly mend: string | null;
}

interface Rest {
  readonly evidence?: readonly string[];
  readonly mend?: string | undefined;
}

export function ok(check: string, detail: string, evidence: readonly string[] = []): Finding {
  return { check, verdict: "ok", detail, evidence, mend: null };
}

export function warning(
  check: string,
  detail: string,
  { evidence = [], mend }: Rest = {},
): Finding {
  return { check, verdict: "warning", detail, evidence, mend: mend ?? null };
}

export function problem(
  check: string,
  detail: string,
  { evidence = [], mend }: Rest = {},
): Finding {
  return { check, verdict: "problem", detail, evidence, mend: mend ?? null };
}
