/** Kafka's error codes that dp meets (kafka.apache.org/protocol#protocol_error_codes). */
const names: Readonly<Record<number, readonly [name: string, text: string]>> = {
  [-1]: ["UNKNOWN_SERVER_ERROR", "the broker met an unexpected error"],
  1: ["OFFSET_OUT_OF_RANGE", "the offset is not in the log"],
  2: ["CORRUPT_MESSAGE", "the record's checksum or size is wrong"],
  3: ["UNKNOWN_TOPIC_OR_PARTITION", "the broker does not know this topic or partition"],
  5: ["LEADER_NOT_AVAILABLE", "the partition has no leader at the moment"],
  6: ["NOT_LEADER_OR_FOLLOWER", "the broker is not the partition's leader any more"],
  7: ["REQUEST_TIMED_OUT", "the request timed out on the broker"],
  9: ["REPLICA_NOT_AVAILABLE", "the replica is not available"],
  10: ["MESSAGE_TOO_LARGE", "the record is larger than max.message.bytes"],
  14: ["COORDINATOR_LOAD_IN_PROGRESS", "the coordinator is still loading"],
  15: ["COORDINATOR_NOT_AVAILABLE", "the coordinator is not available"],
  16: ["NOT_COORDINATOR", "the broker is not the coordinator"],
  17: ["INVALID_TOPIC_EXCEPTION", "the topic's name is not valid"],
  19: ["NOT_ENOUGH_REPLICAS", "fewer replicas are in sync than min.insync.replicas"],
  20: ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "fewer replicas are in sync than required"],
  29: ["TOPIC_AUTHORIZATION_FAILED", "not allowed on this topic"],
  31: ["CLUSTER_AUTHORIZATION_FAILED", "not allowed on this cluster"],
  35: ["UNSUPPORTED_VERSION", "the broker does not support this version of the request"],
  36: ["TOPIC_ALREADY_EXISTS", "a topic of this name exists already"],
  37: ["INVALID_PARTITIONS", "the number of partitions is not valid"],
  38: ["INVALID_REPLICATION_FACTOR", "the replication factor is not valid"],
  39: ["INVALID_REPLICA_ASSIGNMENT", "the replica assignment is not valid"],
  40: ["INVALID_CONFIG", "a configuration value is not valid"],
  41: ["NOT_CONTROLLER", "the broker is not the controller"],
  42: ["INVALID_REQUEST", "the request is not valid"],
  44: ["POLICY_VIOLATION", "a policy of the broker forbids it"],
  56: ["KAFKA_STORAGE_ERROR", "the broker can't use its disk"],
  72: ["LISTENER_NOT_FOUND", "the leader has no matching listener"],
  73: ["TOPIC_DELETION_DISABLED", "delete.topic.enable is false"],
  74: ["FENCED_LEADER_EPOCH", "the leader epoch is older than the broker's"],
  75: ["UNKNOWN_LEADER_EPOCH", "the leader epoch is newer than the broker's"],
  78: ["OFFSET_NOT_AVAILABLE", "the new leader has not caught up yet"],
  87: ["INVALID_RECORD", "the broker's checks refuse the record"],
};

export const noError = 0;
export const offsetOutOfRange = 1;
export const unknownTopicOrPartition = 3;
export const leaderNotAvailable = 5;
export const messageTooLarge = 10;
export const coordinatorLoadInProgress = 14;
export const coordinatorNotAvailable = 15;
export const topicAlreadyExists = 36;
export const notController = 41;

/** Codes that go away by themselves, often after the leader was looked for again. */
const passing = new Set([3, 5, 6, 7, 9, 19, 20, 56, 72, 74, 75, 78]);

/** Whether the same request may succeed in a moment. */
export function isPassing(code: number): boolean {
  return passing.has(code);
}

/** `INVALID_CONFIG: a configuration value is not valid`; the broker's own text wins where it sent one. */
export function errorText(code: number, brokerMessage?: string | null): string {
  const [name, text] = names[code] ?? [`error ${code}`, "see Kafka's protocol error codes"];
  return `${name}: ${brokerMessage ?? text}`;
}

/** An answer of a broker that carries an error code. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";
  readonly code: number;

  constructor(request: string, code: number, brokerMessage?: string | null) {
    super(`${request}: ${errorText(code, brokerMessage)}`);
    this.code = code;
  }
}
