import type { Cluster } from "../../src/kafka/cluster/cluster.ts";
import type { Request } from "../../src/kafka/protocol/request.ts";
import type { TopicMetadata } from "../../src/kafka/protocol/read-requests.ts";

/** One request to a broker, as the script sees it. */
export interface AskedRequest {
  readonly broker: number;
  readonly name: string;
  /** How many requests of this name were asked before. */
  readonly turn: number;
}

/** A topic in which every partition is led by its first replica. */
export function topicLedBy(name: string, leaders: readonly number[]): TopicMetadata {
  const partitions = leaders.map((leader, partition) => {
    return { partition, errorCode: 0, leader, replicas: [leader], isr: [leader] };
  });
  return { name, errorCode: 0, internal: false, partitions };
}

/**
 * A cluster of which `answer` gives or throws each answer, decoded. The metadata is that of `topics()`,
 * where every other topic is unknown.
 */
export function scriptCluster(script: {
  readonly brokers?: readonly number[];
  readonly topics?: () => readonly TopicMetadata[];
  readonly answer: (asked: AskedRequest) => unknown;
  readonly patienceMs?: number;
}): { readonly cluster: Cluster; readonly asked: readonly AskedRequest[] } {
  const { brokers = [1, 2, 3], topics = () => [], answer, patienceMs = 1500 } = script;
  const nodes = brokers.map((id) => ({ id, host: "scripted", port: id }));
  const asked: AskedRequest[] = [];
  const ask = async <Answer>(broker: number, { name }: Request<Answer>): Promise<Answer> => {
    const one = { broker, name, turn: asked.filter((each) => each.name === name).length };
    asked.push(one);
    return answer(one) as Answer;
  };
  const cluster: Cluster = {
    bootstrap: nodes,
    security: undefined,
    patienceMs,
    nodes: () => nodes,
    hasReachedBroker: () => true,
    heldBackUntil: () => 0,
    metadata: async (names) => {
      const known = topics();
      const wanted = names === "all" ? known.map(({ name }) => name) : names;
      const unknown = { errorCode: 3, internal: false, partitions: [] };
      return {
        brokers: nodes,
        clusterId: "scripted",
        controllerId: 1,
        topics: wanted.map(
          (name) => known.find((one) => one.name === name) ?? { name, ...unknown },
        ),
      };
    },
    ask,
    askAt: () => Promise.reject(new Error("scripted")),
    close() {},
  };
  return { cluster, asked };
}
