import { sleep } from "../../async/timers.ts";
import { isSilence } from "../connection/connection-error.ts";
import { unknownTopicOrPartition } from "../protocol/error-codes.ts";
import type { Metadata } from "../protocol/read-requests.ts";

const pauseMs = 50;

/**
 * Asks all until one names brokers: one that has just started in ZooKeeper mode names none. Returns the
 * best answer after `patienceMs`. Rejects with an AggregateError when all fail: at once unless one of them is
 * silent, and else after `patienceMs`.
 */
export async function askUntilInformed(
  patienceMs: number,
  askAll: () => readonly Promise<Metadata>[],
): Promise<Metadata> {
  const startedAt = performance.now();
  for (;;) {
    const isOver = (): boolean => performance.now() - startedAt > patienceMs;
    try {
      const metadata = await mostInformed(askAll());
      if (metadata.brokers.length > 0 || isOver()) return metadata;
    } catch (thrown) {
      if (!mayRespond(thrown) || isOver()) throw thrown;
    }
    await sleep(pauseMs);
  }
}

/**
 * The first answer that names brokers and knows all topics, without waiting for the others. Where there
 * is none, the one of all answers that knows most. Rejects with an AggregateError when all fail.
 */
async function mostInformed(asked: readonly Promise<Metadata>[]): Promise<Metadata> {
  const informed = asked.map(async (one) => {
    const metadata = await one;
    if (metadata.brokers.length > 0 && unknownTopics(metadata) === 0) return metadata;
    throw new Error("not informed");
  });
  try {
    return await Promise.any(informed);
  } catch {
    const settled = await Promise.allSettled(asked);
    const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [best] = answers.toSorted(
      (a, b) => unknownTopics(a) - unknownTopics(b) || b.brokers.length - a.brokers.length,
    );
    return best ?? Promise.any(asked);
  }
}

function mayRespond(thrown: unknown): boolean {
  return thrown instanceof AggregateError && thrown.errors.some(isSilence);
}

function unknownTopics({ topics }: Metadata): number {
  return topics.filter(({ errorCode }) => errorCode === unknownTopicOrPartition).length;
}
