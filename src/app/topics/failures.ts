import { DpError } from "../../errors.ts";

/** One failure for those of several topics; undefined when there is none. */
export function joinFailures(failures: readonly DpError[]): DpError | undefined {
  const [first, ...others] = failures;
  if (first === undefined || others.length === 0) return first;
  return new DpError({
    code: first.code,
    message: `${failures.length} failed: ${first.message}, and more`,
    why: first.why,
    evidence: others.map(({ message, why }) =>
      why === undefined ? message : `${message}: ${why}`,
    ),
    next: first.next,
  });
}
