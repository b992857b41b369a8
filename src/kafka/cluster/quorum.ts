import type { Cluster } from "./cluster.ts";
import { describeQuorumRequest, type Voter } from "../protocol/coordination-requests.ts";
import { BrokerError, noError } from "../protocol/error-codes.ts";
import { apiVersionsRequest } from "../protocol/read-requests.ts";

export interface Quorum {
  /** -1 while there is none. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly Voter[];
}

const describeQuorumKey = 55;

/**
 * The quorum of KRaft controllers; undefined in ZooKeeper mode, where a broker would drop the connection
 * on this request: it is asked for its API versions first.
 */
export async function describeQuorum(cluster: Cluster): Promise<Quorum | undefined> {
  const { brokers } = await cluster.metadata([]);
  const broker = brokers[0];
  if (broker === undefined) throw new Error("the cluster has no brokers");
  const { apis } = await cluster.ask(broker.id, apiVersionsRequest());
  if (!apis.some(({ apiKey }) => apiKey === describeQuorumKey)) return undefined;
  const { errorCode, ...quorum } = await cluster.ask(broker.id, describeQuorumRequest());
  if (errorCode !== noError) throw new BrokerError("DescribeQuorum", errorCode);
  return quorum;
}

const apisMs = 1000;

/** Whether the brokers keep their metadata in ZooKeeper; false also when none says. */
export async function usesZooKeeper(cluster: Cluster): Promise<boolean> {
  const asked = cluster.nodes().map(({ id }) => cluster.ask(id, apiVersionsRequest(), apisMs));
  const known = await Promise.any(asked).catch(() => undefined);
  return known !== undefined && !known.apis.some(({ apiKey }) => apiKey === describeQuorumKey);
}
