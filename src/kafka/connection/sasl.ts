import { randomBytes } from "node:crypto";
import { messageOf } from "../../errors.ts";
import type { Address } from "../../model/containers.ts";
import { nameOf } from "./addresses.ts";
import { patience } from "./patience.ts";
import type { SaslCredentials } from "./security.ts";
import { ConnectionError } from "./connection-error.ts";
import {
  errorText,
  illegalSaslState,
  noError,
  saslAuthenticationFailed,
  unsupportedSaslMechanism,
} from "../protocol/error-codes.ts";
import type { Request } from "../protocol/request.ts";

/** The part of a connection that authentication uses. */
interface Unauthenticated {
  readonly address: Address;
  send<Answer>(request: Request<Answer>, timeoutMs: number): Promise<Answer>;
}

interface HandshakeAnswer {
  readonly errorCode: number;
  /** Those that the listener takes. */
  readonly mechanisms: readonly string[];
}

/**
 * SaslHandshake v1: STRING mechanism
 * answer: INT16 error_code, [STRING mechanism]
 */
function saslHandshakeRequest(mechanism: string): Request<HandshakeAnswer> {
  return {
    name: "SaslHandshake",
    apiKey: 17,
    apiVersion: 1,
    encode: (body) => void body.string(mechanism),
    decode: (body) => ({ errorCode: body.int16(), mechanisms: body.array(() => body.string()) }),
  };
}

interface AuthenticateAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly bytes: Buffer;
  /** How long the connection is good for; 0: for ever. */
  readonly lifetimeMs: number;
}

/**
 * SaslAuthenticate v1: BYTES auth_bytes
 * answer: INT16 error_code, NULLABLE_STRING error_message, BYTES auth_bytes, INT64 session_lifetime_ms
 */
function saslAuthenticateRequest(bytes: Buffer): Request<AuthenticateAnswer> {
  return {
    name: "SaslAuthenticate",
    apiKey: 36,
    apiVersion: 1,
    encode: (body) => void body.int32(bytes.length).raw(bytes),
    decode: (body) => ({
      errorCode: body.int16(),
      errorMessage: body.nullableString(),
      bytes: body.bytes(Math.max(0, body.int32())),
      lifetimeMs: body.int64(),
    }),
  };
}

/**
 * Proves to the broker who asks, before anything else is asked. Returns for how many milliseconds it
 * holds, 0 for ever. Throws a ConnectionError with the broker's own words.
 */
export async function authenticate(
  connection: Unauthenticated,
  credentials: SaslCredentials,
): Promise<number> {
  const { mechanism, user, password } = credentials;
  const name = nameOf(connection.address);
  const { errorCode, mechanisms } = await connection.send(
    saslHandshakeRequest(mechanism),
    patience.handshakeMs,
  );
  if (errorCode === unsupportedSaslMechanism) {
    const taken = mechanisms.join(", ");
    const text = `${name} does not take ${mechanism}; it takes ${taken}`;
    throw new ConnectionError("mechanism", text, { advice: `--sasl ${mechanisms.join(" or ")}` });
  }
  if (errorCode === illegalSaslState) {
    throw new ConnectionError("no-sasl", `${name} does not use SASL`);
  }
  if (errorCode !== noError) {
    throw new ConnectionError("credentials", `${name}: SaslHandshake: ${errorText(errorCode)}`);
  }
  const say = async (text: string): Promise<AuthenticateAnswer> => {
    const request = saslAuthenticateRequest(Buffer.from(text));
    const answer = await connection.send(request, patience.handshakeMs);
    if (answer.errorCode === noError) return answer;
    const fault = answer.errorCode === saslAuthenticationFailed ? "credentials" : "no-sasl";
    const reason = errorText(answer.errorCode, answer.errorMessage);
    throw new ConnectionError(fault, `${name} refuses user ${user}: ${reason}`);
  };
  // PLAIN (RFC 4616): whom to act for, who asks, the password, with a NUL between.
  if (mechanism === "PLAIN") return (await say(`\0${user}\0${password}`)).lifetimeMs;
  const { startScram } = await import("./scram.ts");
  const hash = mechanism === "SCRAM-SHA-256" ? "sha256" : "sha512";
  const nonce = randomBytes(18).toString("base64url");
  const scram = startScram({ hash, user, password, nonce });
  try {
    const challenge = await say(scram.first);
    const proven = await say(await scram.answer(challenge.bytes.toString()));
    scram.verify(proven.bytes.toString());
    return proven.lifetimeMs;
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError("credentials", `${name}: ${messageOf(error)}`, { cause: error });
  }
}
