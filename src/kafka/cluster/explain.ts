import { DpError, messageOf } from "../../errors.ts";
import type { Address } from "../../model/containers.ts";
import { nameOf } from "../connection/addresses.ts";
import { adviceByCode, isWayMissing, nextAfter, noAdvice, type ClusterKind } from "./advice.ts";
import { ConnectionError, type Fault } from "../connection/connection-error.ts";
import { BrokerError, errorName } from "../protocol/error-codes.ts";

/** No address answered; `reasons` stand in the order of `addresses`. */
export function noBrokerAnswers(options: {
  readonly addresses: readonly Address[];
  readonly reasons: readonly unknown[];
  readonly kind: ClusterKind;
}): DpError {
  const { addresses, reasons, kind } = options;
  const reason = reasons.toSorted((a, b) => rankOf(b) - rankOf(a))[0];
  const lines = addresses.map((address, index) => {
    const text = messageOf(reasons[index]);
    return text.includes(nameOf(address)) ? text : `${nameOf(address)}: ${text}`;
  });
  return new DpError({
    code: "kafka-failed",
    message: isRefusal(reason) ? "the brokers take no requests from dp" : "no broker answers",
    why: addresses.length === 1 ? lines[0] : messageOf(reason),
    evidence: addresses.length === 1 ? [] : lines,
    next: nextAfter(reason, kind),
    cause: reason,
  });
}

/**
 * A broker of the metadata can't be reached where the cluster says that it is; says so, and what to do,
 * when that address was not the user's own choice.
 */
export function unreachable(options: {
  readonly node: Address & { readonly id: number };
  readonly bootstrap: readonly Address[];
  readonly error: unknown;
  readonly kind: ClusterKind;
}): ConnectionError {
  const { node, bootstrap, error, kind } = options;
  const place = nameOf(node);
  const fault = error instanceof ConnectionError ? error.fault : "lost";
  const isAsGiven = bootstrap.some((address) => nameOf(address) === place);
  if (isAsGiven || !isWayMissing(fault)) {
    const text = `broker ${node.id} does not answer: ${messageOf(error)}`;
    return new ConnectionError(
      fault,
      text,
      error instanceof ConnectionError ? error : { cause: error },
    );
  }
  const answered = bootstrap.map(nameOf).join(", ");
  const text = `${answered} sends dp to broker ${node.id} at ${place}, which can't be reached: ${messageOf(error)}`;
  const advice =
    kind === "stack"
      ? "dp doctor"
      : `set advertised.listeners of broker ${node.id} to an address that this machine reaches, or run dp where ${node.host} is known`;
  return new ConnectionError(fault, text, { cause: error, advice });
}

/** The broker is there and speaks, but not with dp. */
function isRefusal(error: unknown): boolean {
  return rankOf(error) > rankOf(new ConnectionError("no-answer", ""));
}

/** Of several addresses, the one that came furthest tells most. */
const ranks: readonly (readonly Fault[])[] = [
  ["aborted"],
  ["unresolved", "refused", "unreachable"],
  ["lost", "no-answer", "not-kafka"],
  ["speaks-tls", "no-tls"],
  ["certificate", "own-certificate", "wants-sasl", "no-sasl", "mechanism", "credentials"],
];

function rankOf(error: unknown): number {
  if (!(error instanceof ConnectionError)) return 0;
  return ranks.findIndex((faults) => faults.includes(error.fault));
}

/** Commands that are about a stack, and so say nothing of another cluster. */
const stackCommand = /^dp (?:status|up|doctor|health)\b/;
/** Commands that meet the same fault when no broker answers. */
const clusterCommand = /^dp (?:group|topic) list$/;

/**
 * A failure as the user reads it: what a broker or a connection threw becomes a DpError, and what to do
 * next is said where that is known. Anything else comes back as it is.
 */
export function explainFailure(error: unknown, kind: ClusterKind): unknown {
  if (error instanceof ConnectionError) {
    const next = nextAfter(error, kind);
    const message = "the connection to a broker failed";
    return new DpError({ code: "kafka-failed", message, why: error.message, next, cause: error });
  }
  if (error instanceof BrokerError) {
    const next = adviceByCode[errorName(error.code) ?? ""];
    const message = "Kafka refused a request";
    return new DpError({ code: "kafka-failed", message, why: error.message, next, cause: error });
  }
  if (!(error instanceof DpError) || error.code === "internal") return error;
  const below = connectionErrorBelow(error);
  const isOfNoUse =
    (kind === "external" && stackCommand.test(error.next ?? "")) ||
    (below !== undefined && clusterCommand.test(error.next ?? ""));
  if (error.next !== undefined && !isOfNoUse && below?.advice === undefined) return error;
  const code = /\b[A-Z]+(?:_[A-Z]+)+\b/.exec(error.why ?? "")?.[0] ?? "";
  const known = below === undefined ? adviceByCode[code] : nextAfter(below, kind);
  const next = known ?? (isOfNoUse ? noAdvice : error.next);
  const { message, why, evidence, at, cause } = error;
  return new DpError({ code: error.code, message, why, evidence, at, cause, next });
}

/** What a connection threw, however often it was told anew on its way up. */
function connectionErrorBelow(error: unknown, depth = 0): ConnectionError | undefined {
  if (error instanceof ConnectionError) return error;
  if (!(error instanceof Error) || depth > 5) return undefined;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return connectionErrorBelow(first, depth + 1);
}
