import type { Observed } from "../../stack/model.ts";
import { leavingBrokers, type Placement } from "../../stack/placement.ts";
import type { Stack } from "../../stack/settings.ts";
import { brokerAddresses } from "../running.ts";

/**
 * Where all partitions live, when the file leaves brokers out that have data; undefined when it does
 * not, or no broker answers.
 */
export async function findPlacements(
  { kafka }: Stack,
  observed: Observed,
): Promise<Placement[] | undefined> {
  const bootstrap = brokerAddresses(observed);
  if (!kafka || bootstrap.length === 0) return undefined;
  if (leavingBrokers(kafka.brokers, observed).length === 0) return undefined;
  const { openCluster } = await import("../../kafka/cluster.ts");
  const cluster = openCluster({ bootstrap });
  try {
    const { topics } = await cluster.metadata("all");
    return topics
      .map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ replicas }) => replicas),
      }))
      .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  } catch {
    return undefined;
  } finally {
    cluster.close();
  }
}
