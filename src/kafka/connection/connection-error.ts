import type { Address } from "../../model/containers.ts";
import { nameOf } from "./addresses.ts";

/** What kept dp and a broker from talking with each other. */
export type Fault =
  | "unresolved"
  | "refused"
  | "unreachable"
  | "lost"
  | "no-answer"
  | "not-kafka"
  /** dp spoke plainly, and the port answers with TLS; the other way round. */
  | "speaks-tls"
  | "no-tls"
  /** The broker's certificate is not accepted; the broker does not accept ours, or wants one. */
  | "certificate"
  | "own-certificate"
  | "wants-sasl"
  | "no-sasl"
  | "mechanism"
  | "credentials"
  | "aborted";

/** The message says which address, and what happened there. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly fault: Fault;
  /** What to do, where more is known than the fault. */
  readonly advice: string | undefined;

  constructor(
    fault: Fault,
    message: string,
    more: { readonly cause?: unknown; readonly advice?: string | undefined } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.fault = fault;
    this.advice = more.advice;
  }
}

/** The broker may be back in a moment, or another one take its place. */
const passing: ReadonlySet<Fault> = new Set(["refused", "unreachable", "lost"]);

/** Whether trying again is of no use: the broker is frozen, has no address, or would say the same. */
export function isLasting(error: unknown): boolean {
  return error instanceof ConnectionError && !passing.has(error.fault);
}

const silent: ReadonlySet<Fault> = new Set(["unreachable", "no-answer", "lost"]);

/** Whether nothing was heard of the broker: on a busy machine a healthy one may need longer than one attempt. */
export function isSilence(error: unknown): boolean {
  return error instanceof ConnectionError && silent.has(error.fault);
}

/** Whether the broker may have got the request, and carry it out without anyone who hears the answer. */
export function mayBeCarriedOut(error: unknown): boolean {
  return (
    error instanceof ConnectionError && (error.fault === "lost" || error.fault === "no-answer")
  );
}

/** Node's codes for a certificate that OpenSSL or the check of the host's name turns down. */
const certificateCode =
  /^(?:UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERROR_IN_CERT|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME)/;

/** What a socket's error means; `phase` is what was being done. */
export function explainSocketError(
  error: NodeJS.ErrnoException & { readonly reason?: string },
  at: { readonly address: Address; readonly phase: "dial" | "tls" | "talk" },
): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { address, phase } = at;
  const name = nameOf(address);
  const code = error.code ?? "";
  const fail = (fault: Fault, text: string) => new ConnectionError(fault, text, { cause: error });
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return fail("unresolved", error.message);
  if (code === "ECONNREFUSED") return fail("refused", messageOfAll(error));
  if (phase === "dial") return fail("unreachable", messageOfAll(error));
  if (certificateCode.test(code)) return fail("certificate", `${name}: ${error.message}`);
  if (/ALERT_(?:PROTOCOL_VERSION|HANDSHAKE_FAILURE)/i.test(code)) {
    return fail("no-tls", `${name}: ${error.reason ?? error.message}`);
  }
  if (/^ERR_SSL_.*ALERT/i.test(code)) {
    return fail("own-certificate", `${name} refuses the handshake: ${error.reason ?? code}`);
  }
  if (phase === "tls") {
    return fail("no-tls", `${name} does not answer TLS: ${error.reason ?? error.message}`);
  }
  return fail("lost", `${name}: ${error.reason ?? error.message}`);
}

/** Where a name has several addresses, Node's error is one of several, and says nothing itself. */
function messageOfAll(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join(", ");
}

/** What a first answer that is no frame of Kafka's tells of the port. */
export function explainForeignAnswer(start: Buffer, address: Address): ConnectionError {
  const name = nameOf(address);
  // A TLS record: alert (21), or handshake (22), of version 3.
  if ((start[0] === 0x15 || start[0] === 0x16) && start[1] === 3) {
    return new ConnectionError("speaks-tls", `${name} speaks TLS`);
  }
  const text =
    start
      .subarray(0, 40)
      .toString("latin1")
      .split(/[\r\n]/)[0] ?? "";
  const isText = /^[\x20-\x7e]{4,}$/.test(text);
  const what = isText ? `it answers "${text}"` : "its answer is no frame of it";
  return new ConnectionError("not-kafka", `${name} does not speak Kafka's protocol: ${what}`);
}

/**
 * What a connection that was ended by the first request tells, together with the requests that the
 * broker knows: a listener with SASL takes nothing else from who has not proven who asks.
 */
export function explainLost(lost: {
  readonly address: Address;
  readonly request: { readonly apiKey: number; readonly apiVersion: number };
  readonly apis: readonly { readonly apiKey: number; readonly min: number; readonly max: number }[];
  readonly hasSasl: boolean;
  readonly error: ConnectionError;
}): ConnectionError {
  const { address, request, apis, hasSasl, error } = lost;
  const name = nameOf(address);
  const known = apis.find(({ apiKey }) => apiKey === request.apiKey);
  if (known === undefined) {
    const text = `${name} is the port of a controller, which takes no requests of clients`;
    return new ConnectionError("not-kafka", text, { cause: error });
  }
  if (request.apiVersion < known.min || request.apiVersion > known.max) {
    const text = `${name} does not know the requests of Kafka 3.9 to 4.3, for which dp is made`;
    const advice = "use the tools of the brokers' own version";
    return new ConnectionError("not-kafka", text, { cause: error, advice });
  }
  if (hasSasl) return error;
  const text = `${name} ends the connection of who asks without SASL`;
  return new ConnectionError("wants-sasl", text, { cause: error });
}
