import { ConnectionError, type Fault } from "../connection/connection-error.ts";

/** Whose brokers they are: dp can do more about those of a stack. */
export type ClusterKind = "stack" | "external";

/** There is no way to the address at all. */
export function isWayMissing(fault: Fault): boolean {
  return fault === "unresolved" || fault === "refused" || fault === "unreachable";
}

/** What to do about a connection that failed. */
export function nextAfter(error: unknown, kind: ClusterKind): string {
  if (!(error instanceof ConnectionError)) return kind === "stack" ? "dp status" : noAdvice;
  if (error.advice !== undefined) return error.advice;
  if (kind === "stack") return isWayMissing(error.fault) ? "dp up" : "dp status";
  switch (error.fault) {
    case "unresolved":
      return "check the host's name; is it known only inside the brokers' network?";
    case "refused":
      return "check the port, and that the broker runs";
    case "unreachable":
      return "check the address, and that no firewall or missing VPN stands between";
    case "lost":
    case "no-answer":
    case "aborted":
      return noAdvice;
    case "not-kafka":
      return "check the port; a broker's is often 9092, with TLS 9093 or 9094";
    case "speaks-tls":
      return "add --tls, and --tls-ca FILE where the certificate is of an authority of your own";
    case "no-tls":
      return "leave out --tls, or name the port of a listener with TLS";
    case "certificate":
      return certificateAdvice((error.cause as NodeJS.ErrnoException | undefined)?.code);
    case "own-certificate":
      return "name a certificate that the brokers trust: --tls-cert FILE --tls-key FILE";
    case "wants-sasl":
      return "add --sasl MECHANISM --user NAME";
    case "no-sasl":
      return "leave out --sasl and --user, or name the port of a listener with SASL";
    case "mechanism":
      return "name another one with --sasl";
    case "credentials":
      return "check --user and the password (--password-file, DP_KAFKA_PASSWORD)";
  }
}

export const noAdvice = "see whether the brokers run, and what their logs say";

/** By Node's codes for OpenSSL's and its own checks. */
function certificateAdvice(code: string | undefined): string {
  switch (code) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return "give the broker a certificate that is valid today; is this machine's clock right?";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "dial a name that is in the certificate, or say with --tls-server-name which one to expect";
    default:
      return "name who signed it: --tls-ca FILE, in PEM";
  }
}

/** Who may not do something with a topic needs this; `right` as kafka-acls.sh spells operations. */
export function missingRight(right: string, topic: string): string {
  return `the user needs ${right} on topic ${topic}: kafka-acls.sh --add --operation ${right} --topic ${topic}`;
}

/** What to do about a broker's answer, by the name of its error code. */
export const adviceByCode: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED:
    "the user needs a right for it: kafka-acls.sh --add --operation … --topic …",
  GROUP_AUTHORIZATION_FAILED:
    "the user needs a right for it: kafka-acls.sh --add --operation … --group …",
  CLUSTER_AUTHORIZATION_FAILED:
    "the user needs a right for it: kafka-acls.sh --add --operation … --cluster",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    "the user needs a right for it: kafka-acls.sh --add --operation … --transactional-id …",
  MESSAGE_TOO_LARGE: "dp topic alter TOPIC --set max.message.bytes=…, or smaller records",
  RECORD_LIST_TOO_LARGE: "dp topic alter TOPIC --set segment.bytes=…, or smaller records",
  INVALID_RECORD: "a compacted topic takes records with a key only: -k KEY",
  INVALID_TIMESTAMP:
    "the topic's message.timestamp.before.max.ms and .after.max.ms say what it takes",
  INVALID_TOPIC_EXCEPTION: "a name has up to 249 letters, digits, dots, underscores and hyphens",
  UNKNOWN_TOPIC_OR_PARTITION: "dp topic list",
  LEADER_NOT_AVAILABLE:
    "start the brokers that have the replicas: dp topic describe TOPIC shows them",
  NOT_ENOUGH_REPLICAS:
    "start the brokers that are missing, or lower min.insync.replicas: dp topic describe TOPIC",
  NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    "start the brokers that are missing, or lower min.insync.replicas: dp topic describe TOPIC",
  INVALID_REPLICATION_FACTOR: "take at most as many replicas as there are brokers",
  UNSUPPORTED_VERSION: "dp is made for Kafka 3.9 to 4.3",
  UNSUPPORTED_COMPRESSION_TYPE: "choose another codec with -z",
  KAFKA_STORAGE_ERROR: "look at the disk and the log of the broker",
  TOPIC_DELETION_DISABLED: "set delete.topic.enable=true for the brokers",
  REASSIGNMENT_IN_PROGRESS: "try again when the replicas have moved: dp topic describe TOPIC",
  THROTTLING_QUOTA_EXCEEDED: "try again in a moment",
  GROUP_ID_NOT_FOUND: "dp group list",
  NON_EMPTY_GROUP: "stop its members: dp group describe GROUP shows them",
  GROUP_SUBSCRIBED_TO_TOPIC: "stop its members: dp group describe GROUP shows them",
  INVALID_GROUP_ID: "dp group list",
  INVALID_PARTITIONS: "the number is that of all partitions; they can't become fewer",
  TOPIC_ALREADY_EXISTS: "dp topic describe TOPIC",
  SASL_AUTHENTICATION_FAILED: "check --user and the password",
};
