import type { Cluster } from "../cluster/cluster.ts";
import { askCoordinator, groupFailure, groupInUse } from "./coordinator.ts";
import { committedOffsets } from "./lag.ts";
import {
  BrokerError,
  groupIdNotFound,
  groupSubscribedToTopic,
  noError,
  nonEmptyGroup,
} from "../protocol/error-codes.ts";
import { deleteGroupsRequest } from "../protocol/group-requests.ts";
import { offsetDeleteRequest } from "../protocol/offset-requests.ts";

/**
 * Deletes a group with its offsets; returns whether it was there. Throws DpError `refused` when it has
 * members.
 */
export async function deleteGroup(cluster: Cluster, name: string): Promise<boolean> {
  const request = deleteGroupsRequest([name]);
  const message = `group ${name} was not deleted`;
  try {
    const [answer] = await askCoordinator({
      cluster,
      group: name,
      request,
      errorCodeOf: ([first]) => first?.errorCode ?? noError,
    });
    const code = answer?.errorCode ?? groupIdNotFound;
    if (code === groupIdNotFound) return false;
    if (code === nonEmptyGroup) throw groupInUse(message, { group: name, code });
    if (code !== noError) throw new BrokerError(request.name, code);
    return true;
  } catch (error) {
    throw groupFailure(message, error);
  }
}

/**
 * Deletes what a group has committed of some topics; returns of how many partitions. Throws DpError
 * `refused` when members of the group read one of the topics.
 */
export async function deleteOffsets(
  cluster: Cluster,
  { group: name, topics }: { readonly group: string; readonly topics: readonly string[] },
): Promise<number> {
  const committed = await committedOffsets(cluster, { name });
  const chosen = committed.filter(({ topic }) => topics.includes(topic));
  if (chosen.length === 0) return 0;
  const request = offsetDeleteRequest(name, chosen);
  const message = `the offsets of group ${name} were not deleted`;
  try {
    const answer = await askCoordinator({
      cluster,
      group: name,
      request,
      errorCodeOf: ({ errorCode }) => errorCode,
    });
    const failed = [answer, ...answer.partitions].find(({ errorCode }) => errorCode !== noError);
    const code = failed?.errorCode ?? noError;
    if (code === groupSubscribedToTopic || code === nonEmptyGroup) {
      throw groupInUse(message, { group: name, code });
    }
    if (code !== noError) throw new BrokerError(request.name, code);
    return chosen.length;
  } catch (error) {
    throw groupFailure(message, error);
  }
}
