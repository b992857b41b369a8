/** Builds share the cores of this machine, and downloads its line. */
const atOnce = 2;

/**
 * Runs work on images and returns its results in the same order: the first alone, because it makes the
 * base that the others build on, then two at a time. Throws the first failure when the work under way
 * has ended, which it is asked to.
 */
export async function runImageWork<T>(
  works: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal,
): Promise<T[]> {
  const [first, ...others] = works;
  if (!first) return [];
  const results = [await first(signal)];
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const queue = others.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [index, work] of queue) {
      stop.throwIfAborted();
      results[index + 1] = await work(stop);
    }
  };
  await Promise.all(
    Array.from({ length: atOnce }, () =>
      takeTurns().catch((thrown: unknown) => failed.abort(thrown)),
    ),
  );
  stop.throwIfAborted();
  return results;
}
