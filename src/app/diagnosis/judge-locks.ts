import { ok, problem, type Finding } from "./finding.ts";

export interface LockFacts {
  readonly folder: string;
  /** Why no lock can be created there. */
  readonly unsafe: { readonly reason: string; readonly hint: string } | undefined;
  /** Locks whose holder is dead. */
  readonly stale: readonly string[];
}

/** Each command that changes a stack fails without a safe folder for its lock. */
export function judgeLocks({ folder, unsafe, stale }: LockFacts): Finding {
  if (unsafe) {
    const evidence = [unsafe.reason];
    return problem("locks", `can't use ${folder} for locks`, { evidence, mend: unsafe.hint });
  }
  if (stale.length === 0) return ok("locks", `no stale lock in ${folder}`);
  return ok("locks", `${stale.length} of a dp that is dead: free`, stale);
}
