import type { Observed } from "../../model/containers.ts";
import { leavingBrokers, type Placement } from "../../stack/placement.ts";
import type { Stack } from "../../model/settings.ts";
import { brokerAddresses } from "../stack/running.ts";

/**
 * Where all partitions live, when the file leaves brokers out that have data; undefined when it does
 * not, or no broker answers.
 */
export async function placementsOf(
  { name: project, kafka }: Stack,
  observed: Observed,
): Promise<Placement[] | undefined> {
  const bootstrap = brokerAddresses(observed);
  if (!kafka || bootstrap.length === 0) return undefined;
  const { brokers } = kafka;
  const leaving = leavingBrokers({ project, brokers, observed, placements: undefined });
  if (leaving.length === 0) return undefined;
  const [{ openCluster }, { findPlacements }] = await Promise.all([
    import("../../kafka/cluster/cluster.ts"),
    import("../../kafka/topics/placements.ts"),
  ]);
  const cluster = openCluster({ bootstrap });
  try {
    return await findPlacements(cluster);
  } catch {
    return undefined;
  } finally {
    cluster.close();
  }
}
