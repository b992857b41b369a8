import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { firstSuccess, retryWhileMoving } from "../cluster/moving.ts";
import type { Request } from "../protocol/request.ts";
import { findCoordinatorRequest } from "../protocol/coordination-requests.ts";
import {
  BrokerError,
  coordinatorLoadInProgress,
  coordinatorNotAvailable,
  errorText,
  noError,
  notCoordinator,
} from "../protocol/error-codes.ts";

const answerMs = 3000;

const moving: readonly number[] = [
  coordinatorLoadInProgress,
  coordinatorNotAvailable,
  notCoordinator,
];

export interface CoordinatorRequest<Answer> {
  readonly cluster: Cluster;
  readonly group: string;
  readonly request: Request<Answer>;
  /** The error that an answer carries for the group as a whole. */
  readonly errorCodeOf: (answer: Answer) => number;
  /** The broker that coordinated the group a moment ago; looked for unless given. */
  readonly at?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The answer of the broker that coordinates a group, whatever it reports of the group. The coordinator is
 * looked for again for 30 s while it moves or loads its groups, and as long as the cluster's patience
 * while brokers are out of reach. Throws BrokerError, or the last failure.
 */
export async function askCoordinator<Answer>(asked: CoordinatorRequest<Answer>): Promise<Answer> {
  const { cluster, group, request, errorCodeOf, signal } = asked;
  let { at } = asked;
  return retryWhileMoving({
    cluster,
    signal,
    attempt: async () => {
      const broker = at ?? (await findCoordinator(cluster, group));
      at = undefined;
      const answer = await cluster.ask(broker, request, answerMs);
      const code = errorCodeOf(answer);
      if (moving.includes(code)) throw new BrokerError(request.name, code);
      return answer;
    },
  });
}

/** A broker that has just started may not know a coordinator that others know. */
async function findCoordinator(cluster: Cluster, group: string): Promise<number> {
  const { brokers } = await cluster.metadata([]);
  const request = findCoordinatorRequest(group);
  const asked = brokers.map(async ({ id }) => {
    const { errorCode, node } = await cluster.ask(id, request, answerMs);
    if (errorCode !== noError) throw new BrokerError(request.name, errorCode);
    return node;
  });
  return firstSuccess(cluster, asked);
}

/** What was not done to a group, in the broker's words. */
export function groupFailure(message: string, error: unknown): DpError {
  if (error instanceof DpError) return error;
  return new DpError({
    code: "kafka-failed",
    message,
    why: messageOf(error),
    next: "dp status",
    cause: error,
  });
}

/** DpError `refused`: a broker does not do it while the group has members. */
export function groupInUse(
  message: string,
  { group, code }: { readonly group: string; readonly code: number },
): DpError {
  return new DpError({
    code: "refused",
    message,
    why: errorText(code),
    next: `stop its consumers (dp group describe ${group} names them), then run this again`,
  });
}
