import { errorName, errorText, isPassing, noError } from "../protocol/error-codes.ts";
import type { PartitionWritten } from "../protocol/produce-request.ts";

/** What a broker's answer says of a batch. */
export type Meaning =
  | { readonly kind: "written" }
  /** A batch before it is missing. */
  | { readonly kind: "out-of-order" }
  /** The broker does not go on with the numbers of this producer. */
  | { readonly kind: "forgotten" }
  | { readonly kind: "passing"; readonly why: string; readonly uncertain: boolean }
  | { readonly kind: "refused" };

export function meaningOf({ errorCode, errorMessage }: PartitionWritten): Meaning {
  const name = errorName(errorCode) ?? "";
  if (errorCode === noError || name === "DUPLICATE_SEQUENCE_NUMBER") return { kind: "written" };
  if (name === "OUT_OF_ORDER_SEQUENCE_NUMBER") return { kind: "out-of-order" };
  if (forgotten.has(name)) return { kind: "forgotten" };
  if (!isPassing(errorCode)) return { kind: "refused" };
  const why = errorText(errorCode, errorMessage);
  return { kind: "passing", why, uncertain: perhapsWritten.has(name) };
}

const forgotten: ReadonlySet<string> = new Set([
  "INVALID_PRODUCER_EPOCH",
  "INVALID_PRODUCER_ID_MAPPING",
  "UNKNOWN_PRODUCER_ID",
  "PRODUCER_FENCED",
]);

/** Of the codes that pass: those that are said after the leader took the batch in. */
const perhapsWritten: ReadonlySet<string> = new Set([
  "REQUEST_TIMED_OUT",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "KAFKA_STORAGE_ERROR",
]);
