import { DpError } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { retryWhileMoving } from "../cluster/moving.ts";
import { groupFailure } from "./coordinator.ts";
import { BrokerError, noError } from "../protocol/error-codes.ts";
import {
  listGroupsKey,
  listGroupsRequest,
  listTypedGroupsRequest,
  typedListGroups,
  type ListedGroup,
} from "../protocol/group-requests.ts";
import { apiVersionsRequest } from "../protocol/read-requests.ts";

const answerMs = 3000;

export interface FoundGroup extends ListedGroup {
  /** The broker that named it, by id. */
  readonly coordinator: number;
}

/**
 * Every group of the cluster, by name: those with members, and those that have committed offsets. Each
 * broker names the ones that it coordinates, so all are asked: one that died or loads its groups is asked
 * again for 30 s, until it has loaded them or others have its groups. Throws DpError `kafka-failed`.
 */
export async function listGroups(cluster: Cluster): Promise<FoundGroup[]> {
  const attempt = async (): Promise<FoundGroup[]> => {
    const { brokers } = await cluster.metadata([]);
    const found = await Promise.all(brokers.map(({ id }) => groupsOf(cluster, id)));
    return found.flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
  try {
    return await retryWhileMoving({ cluster, attempt });
  } catch (error) {
    throw groupFailure("can't list the groups", error);
  }
}

async function groupsOf(cluster: Cluster, broker: number): Promise<FoundGroup[]> {
  const { apis } = await cluster.ask(broker, apiVersionsRequest(), answerMs);
  const most = apis.find(({ apiKey }) => apiKey === listGroupsKey)?.max ?? 0;
  const request = most >= typedListGroups ? listTypedGroupsRequest() : listGroupsRequest();
  const { errorCode, groups } = await cluster.ask(broker, request, answerMs);
  if (errorCode !== noError) throw new BrokerError(request.name, errorCode);
  return groups.map((group) => ({ ...group, coordinator: broker }));
}

/** The groups of these names, in their order. Throws DpError `unknown-group` with the nearest name. */
export function findGroupsOrFail(
  all: readonly FoundGroup[],
  names: readonly string[],
): FoundGroup[] {
  return names.map((name) => all.find((group) => group.name === name) ?? failUnknown(all, name));
}

const listedNames = 20;

function failUnknown(all: readonly FoundGroup[], name: string): never {
  const names = all.map((group) => group.name);
  const near = nearest(name, names);
  const more = names.length > listedNames ? ` and ${names.length - listedNames} more` : "";
  const listed = `groups: ${names.slice(0, listedNames).join(", ")}${more}`;
  throw new DpError({
    code: "unknown-group",
    message: `there is no group "${name}"`,
    evidence: [names.length === 0 ? "there are no groups" : listed],
    next: near === undefined ? "dp group list" : `did you mean "${near}"?`,
  });
}
