import type { Observed } from "../stack/model.ts";
import { brokerAddresses } from "./running.ts";

/** A topic in one line of `dp status`. */
export interface TopicLine {
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  /** What is wrong with its partitions; null when nothing is. */
  readonly trouble: string | null;
}

/** The stack's topics without Kafka's own; none when no broker answers. */
export async function listStackTopics(
  observed: Observed,
  signal: AbortSignal,
): Promise<TopicLine[]> {
  const bootstrap = brokerAddresses(observed);
  if (bootstrap.length === 0) return [];
  const { openCluster } = await import("../kafka/cluster.ts");
  const cluster = openCluster({ bootstrap, signal });
  try {
    const { topics } = await cluster.metadata("all");
    return topics
      .filter(({ internal, name }) => !internal && !name.startsWith("__"))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, partitions }) => {
        const leaderless = partitions.filter(({ leader }) => leader < 0).length;
        const behind = partitions.filter(
          ({ isr, replicas }) => isr.length < replicas.length,
        ).length;
        return {
          topic: name,
          partitions: partitions.length,
          replication: partitions[0]?.replicas.length ?? 0,
          trouble:
            leaderless > 0
              ? `${leaderless} without a leader`
              : behind > 0
                ? `${behind} with replicas behind`
                : null,
        };
      });
  } catch {
    signal.throwIfAborted();
    return [];
  } finally {
    cluster.close();
  }
}
