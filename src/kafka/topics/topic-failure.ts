import { DpError } from "../../errors.ts";
import { missingRight } from "../cluster/advice.ts";
import {
  errorName,
  errorText,
  leaderNotAvailable,
  noError,
  requestTimedOut,
  unknownTopicOrPartition,
} from "../protocol/error-codes.ts";

/** What was asked of a topic: it tells which right was missing, and what to do about a refusal. */
export interface TopicRequest {
  /** What failed, one line. */
  readonly message: string;
  readonly topic: string;
  /** The operation that an access rule has to allow, as kafka-acls.sh spells it. */
  readonly right: "Create" | "Delete" | "Alter" | "AlterConfigs" | "DescribeConfigs";
}

/** The broker's refusal with its own words and what to do; undefined when it did what was asked. */
export function topicFailure(
  result: { readonly errorCode: number; readonly errorMessage?: string | null } | undefined,
  request: TopicRequest,
): DpError | undefined {
  if (result === undefined) {
    const why = "the broker's answer leaves it out";
    return new DpError({ code: "kafka-failed", message: request.message, why });
  }
  const { errorCode, errorMessage } = result;
  // Without leaders the topic is made, only they are not chosen yet: that is for `waitForTopics`.
  if (errorCode === noError || errorCode === leaderNotAvailable) return undefined;
  const text = errorText(errorCode, errorMessage);
  return new DpError({
    code: errorCode === unknownTopicOrPartition ? "unknown-topic" : "kafka-failed",
    message: request.message,
    why: errorCode === requestTimedOut ? `${text}. It may still be carried out` : text,
    next: adviceFor(errorCode, request),
  });
}

function adviceFor(code: number, { topic, right }: TopicRequest): string {
  const describe = `dp topic describe ${topic}`;
  switch (errorName(code)) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return "dp topic list";
    case "REQUEST_TIMED_OUT":
      return right === "Create" || right === "Delete" ? "dp topic list" : describe;
    case "INVALID_TOPIC_EXCEPTION":
      return "a name has up to 249 letters, digits, dots, underscores and hyphens; . and _ count as one";
    case "TOPIC_AUTHORIZATION_FAILED":
      return missingRight(right, topic);
    case "CLUSTER_AUTHORIZATION_FAILED":
      return `the user needs ${right} on the cluster: kafka-acls.sh --add --operation ${right} --cluster`;
    case "INVALID_PARTITIONS":
      return "-p takes the number of all partitions, from 1; they can't become fewer";
    case "INVALID_REPLICATION_FACTOR":
      return "-r takes at most the number of brokers that run; dp status shows them";
    case "INVALID_CONFIG":
      return "dp topic describe TOPIC --all shows every key and its value";
    case "POLICY_VIOLATION":
      return "ask those who run the brokers: create.topic.policy.class.name and alter.config.policy.class.name say what is allowed";
    case "REASSIGNMENT_IN_PROGRESS":
      return `${describe}; try again when its replicas have moved`;
    case "TOPIC_DELETION_DISABLED":
      return "set delete.topic.enable: true for the brokers (kafka.config in pipeline.yaml, then dp up)";
    default:
      return "dp status";
  }
}
