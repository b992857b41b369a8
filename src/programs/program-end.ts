/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly error: NodeJS.ErrnoException };

/** How execa reports the end of a program. */
interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  /** What the system reported for a program that could not be started. */
  readonly cause?: unknown;
}

export function toProgramEnd({ exitCode, signal, cause }: Outcome): ProgramEnd {
  if (exitCode !== undefined) return { kind: "exited", code: exitCode };
  if (signal !== undefined) return { kind: "killed", signal: signal as NodeJS.Signals };
  return { kind: "not-started", error: cause as NodeJS.ErrnoException };
}
