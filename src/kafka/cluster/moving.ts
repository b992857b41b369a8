import { DpError } from "../../errors.ts";
import { retryUntil } from "../../async/retry-until.ts";
import type { Cluster } from "./cluster.ts";
import { patience } from "../connection/patience.ts";
import { ConnectionError, isLasting, mayBeCarriedOut } from "../connection/connection-error.ts";
import { BrokerError, isMoving, unknownServerError } from "../protocol/error-codes.ts";

/** A partition has no leader, and none of the brokers that could become its leader runs. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
}

/**
 * What a later attempt can expect after a failure: "moving" when another broker takes over, or the same
 * one responds again; "out-of-reach" when brokers are missing that only a person can bring back; "final"
 * when the answer would be the same.
 */
export type Prospect = "moving" | "out-of-reach" | "final";

/** Classifies what a request to a broker, or `Cluster.metadata`, threw. */
export function prospectOf(
  thrown: unknown,
  cluster: Pick<Cluster, "nodes" | "hasReachedBroker">,
): Prospect {
  if (thrown instanceof OfflineError) return "out-of-reach";
  if (thrown instanceof BrokerError) {
    if (thrown.code === unknownServerError) return "out-of-reach";
    return isMoving(thrown.code) ? "moving" : "final";
  }
  if (thrown instanceof DpError) {
    // Only a cluster that responded before can be expected to respond again.
    const mayReturn = thrown.cause instanceof ConnectionError && cluster.nodes().length > 0;
    if (mayReturn) return isLasting(thrown.cause) ? "final" : "out-of-reach";
    return thrown.cause instanceof BrokerError ? prospectOf(thrown.cause, cluster) : "final";
  }
  if (!(thrown instanceof ConnectionError)) return "final";
  // While other brokers respond, a frozen one loses its session, and with it what it leads.
  if (thrown.fault === "no-answer" || thrown.fault === "lost") return "moving";
  if (isLasting(thrown)) return "final";
  return cluster.hasReachedBroker() ? "moving" : "out-of-reach";
}

const pauseMs = 100;

/**
 * Returns what the first successful attempt returns. Repeats an attempt for 30 s while leaders, the
 * controller or coordinators move, and as long as the cluster's patience while brokers are out of reach.
 * Throws every other failure at once, and after that time the last one.
 */
export async function retryWhileMoving<T>(options: {
  readonly cluster: Cluster;
  readonly attempt: () => Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Called with a failure after which the broker may still carry out what it was asked. */
  readonly onUnanswered?: ((thrown: unknown) => void) | undefined;
}): Promise<T> {
  const { cluster, attempt, signal = new AbortController().signal, onUnanswered } = options;
  let outOfReachSince: number | undefined;
  return retryUntil({
    attempt,
    isRetriable: (thrown) => {
      if (mayBeCarriedOut(thrown)) onUnanswered?.(thrown);
      const prospect = prospectOf(thrown, cluster);
      if (prospect !== "out-of-reach") outOfReachSince = undefined;
      else outOfReachSince ??= performance.now();
      const isTooLong = performance.now() - (outOfReachSince ?? Infinity) > cluster.patienceMs;
      return prospect !== "final" && !isTooLong;
    },
    timeoutMs: patience.movingMs,
    pauseMs,
    signal,
  });
}

/**
 * The first success of several brokers that were asked the same. Throws the failure that says most: one
 * that no later attempt changes, if there is one.
 */
export async function firstSuccess<T>(cluster: Cluster, asked: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(asked);
  } catch (thrown) {
    const failures = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [thrown];
    const isFinal = (failure: unknown) => prospectOf(failure, cluster) === "final";
    throw failures.find(isFinal) ?? failures[0] ?? thrown;
  }
}
