import type { Address } from "../../model/containers.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { BrokerError, noError, unknownTopicOrPartition } from "../protocol/error-codes.ts";
import { metadataRequest, type PartitionMetadata } from "../protocol/read-requests.ts";

/**
 * The partitions of a topic as the broker at this address knows them, undefined when it does not know
 * the topic. Throws BrokerError when it says why it has none.
 */
export async function partitionsAt(
  cluster: Cluster,
  asked: { readonly address: Address; readonly topic: string; readonly timeoutMs: number },
): Promise<readonly PartitionMetadata[] | undefined> {
  const { address, topic, timeoutMs } = asked;
  const request = metadataRequest([topic]);
  const { topics } = await cluster.askAt(address, request, timeoutMs);
  const found = topics.find(({ name }) => name === topic);
  if (found === undefined || found.errorCode === unknownTopicOrPartition) return undefined;
  if (found.partitions.length === 0 && found.errorCode !== noError) {
    throw new BrokerError(request.name, found.errorCode);
  }
  return found.partitions;
}
