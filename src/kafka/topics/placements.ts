import type { Placement } from "../../stack/placement.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { listReassignments, replicasOf } from "./reassign.ts";

/** Where all partitions of a cluster live, and how many replicas each topic has; by name. */
export async function findPlacements(cluster: Cluster): Promise<Placement[]> {
  const [{ topics }, ongoing] = await Promise.all([
    cluster.metadata("all"),
    listReassignments(cluster),
  ]);
  const wanted = replicasOf(topics, ongoing);
  return topics
    .map(({ name, internal, partitions }) => {
      const own = wanted.filter(({ topic }) => topic === name);
      return {
        topic: name,
        internal,
        replication: Math.max(0, ...own.map(({ replicas }) => replicas.length)),
        partitions: partitions.map(({ partition, replicas }) => ({ partition, replicas })),
      };
    })
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
}
