import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askCoordinator, groupFailure } from "./coordinator.ts";
import type { FoundGroup } from "./list.ts";
import { BrokerError, groupIdNotFound, noError } from "../protocol/error-codes.ts";
import {
  consumerGroupDescribeRequest,
  describeGroupsRequest,
  type GroupMember,
} from "../protocol/group-requests.ts";

export interface GroupDetails extends FoundGroup {
  readonly state: string;
  readonly assignor: string;
  /** Undefined for a type whose members dp can't ask for: share and streams. */
  readonly members: readonly GroupMember[] | undefined;
}

/** State and members of groups, in their order. Throws DpError `kafka-failed`. */
export function describeGroups(
  cluster: Cluster,
  groups: readonly FoundGroup[],
): Promise<GroupDetails[]> {
  return Promise.all(groups.map((group) => describeGroup(cluster, group)));
}

async function describeGroup(cluster: Cluster, group: FoundGroup): Promise<GroupDetails> {
  const { name, type, coordinator } = group;
  if (type !== "classic" && type !== "consumer") {
    return { ...group, state: group.state ?? "", assignor: "", members: undefined };
  }
  const ofType = type === "consumer" ? consumerGroupDescribeRequest : describeGroupsRequest;
  const request = ofType([name]);
  try {
    const [answer] = await askCoordinator({
      cluster,
      group: name,
      request,
      errorCodeOf: ([first]) => first?.errorCode ?? noError,
      at: coordinator,
    });
    const errorCode = answer?.errorCode ?? groupIdNotFound;
    if (answer === undefined || errorCode !== noError) {
      throw new BrokerError(request.name, errorCode);
    }
    const { state, assignor, members } = answer;
    return { ...group, state, assignor, members };
  } catch (error) {
    throw groupFailure(`can't describe group ${name}`, error);
  }
}

/** Whether consumers may commit: offsets can't be set from outside then, nor the group deleted. */
export function isActive({ state }: Pick<GroupDetails, "state">): boolean {
  return state !== "Empty" && state !== "Dead";
}

/** DpError `refused`: what was to be done, who is in the way, and what to do about it. */
export function refuseActive(details: GroupDetails, what: string): DpError {
  const { name, state, members } = details;
  const count = members?.length;
  const who = count === undefined ? "" : ` with ${count} member${count === 1 ? "" : "s"}`;
  return new DpError({
    code: "refused",
    message: `group ${name} is active: ${what}`,
    why: `it is ${state}${who}`,
    evidence: (members ?? []).map(({ clientId, host, partitions }) => {
      const read = partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(", ");
      return `${clientId} on ${host}: ${read === "" ? "reads nothing" : read}`;
    }),
    next: "stop its consumers, then run this again; one that died counts until its session ends, 45 s unless set",
  });
}
