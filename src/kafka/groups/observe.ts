import type { Cluster } from "../cluster/cluster.ts";
import { describeGroups, type GroupDetails } from "./describe.ts";
import type { FoundGroup } from "./list.ts";
import { lagsOf, type PartitionLag } from "./lag.ts";

export interface ObservedGroup extends GroupDetails {
  /** Undefined for share groups: they commit no offsets, but every record by itself. */
  readonly lags: readonly PartitionLag[] | undefined;
}

/** State, members and lag of groups, in their order. Throws DpError `kafka-failed`. */
export async function observeGroups(
  cluster: Cluster,
  { groups, signal }: { readonly groups: readonly FoundGroup[]; readonly signal: AbortSignal },
): Promise<ObservedGroup[]> {
  const described = await describeGroups(cluster, groups);
  const committing = described.filter(({ type }) => type !== "share");
  const asked = committing.map(({ name, coordinator, members = [] }) => ({
    name,
    coordinator,
    assigned: members.flatMap(({ partitions }) => partitions),
  }));
  const lags = await lagsOf(cluster, { groups: asked, signal });
  return described.map((group) => ({ ...group, lags: lags[committing.indexOf(group)] }));
}
