import { errorNames } from "./error-names.ts";

export const unknownServerError = -1;
export const noError = 0;
export const offsetOutOfRange = 1;
export const unknownTopicOrPartition = 3;
export const leaderNotAvailable = 5;
export const messageTooLarge = 10;
export const notLeader = 6;
export const requestTimedOut = 7;
export const coordinatorLoadInProgress = 14;
export const coordinatorNotAvailable = 15;
export const notCoordinator = 16;
export const illegalGeneration = 22;
export const unknownMemberId = 25;
export const rebalanceInProgress = 27;
export const topicAuthorizationFailed = 29;
export const unsupportedSaslMechanism = 33;
export const illegalSaslState = 34;
export const topicAlreadyExists = 36;
export const invalidPartitions = 37;
export const notController = 41;
export const saslAuthenticationFailed = 58;
export const nonEmptyGroup = 68;
export const groupIdNotFound = 69;
export const groupSubscribedToTopic = 86;
export const electionNotNeeded = 84;
export const noReassignmentInProgress = 85;
export const brokerIdNotRegistered = 102;

/** Codes that go away by themselves, often after the leader was looked for again. */
const passing = new Set([3, 5, 6, 7, 9, 19, 20, 56, 72, 74, 75, 78]);

/** Codes of a coordinator that moves, loads its groups, or waits for its topic. */
const coordinating = new Set([coordinatorLoadInProgress, coordinatorNotAvailable, notCoordinator]);

/** Whether the leader, the coordinator or the controller that was asked moves or has just started. */
export function isMoving(code: number): boolean {
  return isPassing(code) || coordinating.has(code) || code === notController;
}

/** Whether the same request may succeed in a moment. */
export function isPassing(code: number): boolean {
  return passing.has(code);
}

/** `INVALID_CONFIG`; undefined for a code that dp does not know. */
export function errorName(code: number): string | undefined {
  return errorNames[code]?.[0];
}

/** `INVALID_CONFIG: a configuration value is not valid`; the broker's own text wins where it sent one. */
export function errorText(code: number, brokerMessage?: string | null): string {
  const [name, text] = errorNames[code] ?? [`error ${code}`, "see Kafka's protocol error codes"];
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
