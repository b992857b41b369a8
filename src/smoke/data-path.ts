import { planCanaries } from "./canaries.ts";
import { reasonOf } from "./reason.ts";
import { judge } from "./delivery.ts";
import type { Judgement, SmokeCluster } from "./model.ts";
import { timeLeft } from "./patience.ts";
import { findPartitions, firstLed, roundTrip } from "./round-trip.ts";
import { withTimeout } from "../async/with-timeout.ts";

const runMs = 10_000;

/**
 * Writes one record with acks=all to a partition of each running broker, on a topic that it makes and
 * removes, and reads it back. The evidence names the brokers that did not return theirs. Takes at most
 * 10 s and the removal. Rejects only with the signal's reason.
 */
export async function proveDataPath(
  cluster: SmokeCluster,
  signal: AbortSignal,
): Promise<Judgement> {
  const alive = cluster.brokers.filter(({ published }) => published !== undefined);
  if (alive.length === 0) return judge(false, "no broker runs");
  const replication = Math.min(3, alive.length);
  const partitions = alive.length;
  const canaries = planCanaries({ cluster, partitions, replication, runMs, signal });
  const startedAt = performance.now();
  const prove = async (either: AbortSignal): Promise<Judgement> => {
    const { name: topic } = await canaries.topic("canary");
    const limit = { timeoutMs: timeLeft(runMs, startedAt), signal: either };
    const leaders = firstLed(await findPartitions(cluster, topic, limit));
    const problems = await Promise.all(
      alive.map(async ({ id, service }) => {
        const partition = leaders.get(id);
        if (partition === undefined) return [`${service} leads no partition`];
        const trip = { cluster, topic, partition, tag: "path", count: 1, signal: either } as const;
        const timeoutMs = timeLeft(runMs, startedAt);
        const done = roundTrip({ ...trip, acks: "all", timeoutMs });
        const problem = await done.then((found) => found.problem, reasonOf);
        return problem === undefined ? [] : [`${service}: ${problem}`];
      }),
    );
    const faults = problems.flat();
    if (faults.length > 0) return judge(false, faults.join("; "));
    const brokers = `${alive.length} of ${alive.length} brokers`;
    return judge(true, `${brokers} took a record with acks=all and returned it`);
  };
  try {
    const late = `no verdict within ${runMs} ms`;
    return await withTimeout({
      work: prove,
      timeoutMs: runMs,
      signal,
      onTimeout: () => new Error(late),
    });
  } catch (error) {
    signal.throwIfAborted();
    return judge(false, reasonOf(error));
  } finally {
    await canaries.remove();
  }
}
