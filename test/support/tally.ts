import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Runs one attempt. Its failure is counted and kept, so that the next attempt can follow. */
export type Attempt = (name: string, run: () => Promise<void>) => Promise<void>;

const results = join(import.meta.dirname, "..", "..", "test-results");

/**
 * Runs many attempts of one kind and appends `KIND: N tried, N passed, N failed` to
 * test-results/long-kinds.txt, which `npm run test:long` prints at its end. Returns one text for each
 * failed attempt: a test expects that there are none. Throws when nothing was tried.
 */
export async function tally(
  kind: string,
  body: (attempt: Attempt) => Promise<void>,
): Promise<readonly string[]> {
  let tried = 0;
  const failures: string[] = [];
  const attempt: Attempt = async (name, run) => {
    tried += 1;
    try {
      await run();
    } catch (error) {
      const failure = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      failures.push(failure);
      // The end of the test may be hours away.
      process.stderr.write(`${kind}: ${failure}\n`);
    }
  };
  try {
    await body(attempt);
  } finally {
    const counts = `${tried} tried, ${tried - failures.length} passed, ${failures.length} failed`;
    mkdirSync(results, { recursive: true });
    appendFileSync(join(results, "long-kinds.txt"), `${kind}: ${counts}\n`);
  }
  if (tried === 0) throw new Error(`${kind}: nothing was tried`);
  return failures;
}
