import type { Observed } from "../../model/containers.ts";
import { brokerAddresses } from "../stack/running.ts";

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
  const [{ openCluster }, { listTopics, troubleOf }] = await Promise.all([
    import("../../kafka/cluster/cluster.ts"),
    import("../../kafka/topics/admin.ts"),
  ]);
  const cluster = openCluster({ bootstrap, signal });
  try {
    const topics = await listTopics(cluster);
    return topics
      .filter(({ internal }) => !internal)
      .map((topic) => {
        const { name, partitions, replication } = topic;
        return { topic: name, partitions, replication, trouble: troubleOf(topic) };
      });
  } catch {
    signal.throwIfAborted();
    return [];
  } finally {
    cluster.close();
  }
}
