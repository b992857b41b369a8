import type { Cluster } from "./cluster.ts";
import { describeQuorumRequest, type Voter } from "../wire/coordination-requests.ts";
import { BrokerError, noError } from "../wire/error-codes.ts";
import { apiVersionsRequest } from "../wire/read-requests.ts";

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
