import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Request } from "../wire/connection.ts";
import { findCoordinatorRequest } from "../wire/coordination-requests.ts";
import { isLasting } from "../wire/connection-error.ts";
import {
  BrokerError,
  coordinatorLoadInProgress,
  coordinatorNotAvailable,
  errorText,
  noError,
  notCoordinator,
} from "../wire/error-codes.ts";

const answerMs = 3000;
/** A new cluster makes its offsets topic first, a broker that starts loads its groups. */
const movingMs = 8000;
const retryMs = 100;

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
 * The answer of the broker that coordinates a group, whatever it says of the group. It is looked for
 * again for 8 s while brokers say that it moves or loads, and as long as the cluster's patience while it
 * can't be reached. Throws BrokerError, or the last trouble.
 */
export async function askCoordinator<Answer>(asked: CoordinatorRequest<Answer>): Promise<Answer> {
  const { cluster, group, request, errorCodeOf, signal } = asked;
  const startedAt = performance.now();
  let { at } = asked;
  for (;;) {
    let trouble: unknown;
    try {
      const broker = at ?? (await findCoordinator(cluster, group));
      const answer = await cluster.ask(broker, request, answerMs);
      const code = errorCodeOf(answer);
      if (!moving.includes(code)) return answer;
      trouble = new BrokerError(request.name, code);
    } catch (error) {
      if (isFinal(error)) throw error;
      trouble = error;
    }
    signal?.throwIfAborted();
    const patienceMs = trouble instanceof BrokerError ? movingMs : cluster.patienceMs;
    if (performance.now() - startedAt > patienceMs) throw trouble;
    at = undefined;
    await sleep(retryMs);
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof BrokerError) return !moving.includes(error.code);
  return error instanceof DpError || isLasting(error);
}

/** The broker that coordinates a group. Any broker knows it: the first answer counts. */
async function findCoordinator(cluster: Cluster, group: string): Promise<number> {
  const { brokers } = await cluster.metadata([]);
  const request = findCoordinatorRequest(group);
  const asked = brokers.map(({ id }) => cluster.ask(id, request, answerMs));
  const { errorCode, node } = await Promise.any(asked).catch((failed: AggregateError) => {
    throw failed.errors[0] ?? failed;
  });
  if (errorCode !== noError) throw new BrokerError(request.name, errorCode);
  return node;
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
