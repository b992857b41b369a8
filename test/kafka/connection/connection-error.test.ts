import { expect, test } from "vitest";
import {
  ConnectionError,
  explainForeignAnswer,
  explainLost,
  explainSocketError,
} from "../../../src/kafka/connection/connection-error.ts";

const address = { host: "a", port: 1 };

test.each([
  [Buffer.from([0x15, 3, 3, 0, 2, 2, 80]), "speaks-tls", "a:1 speaks TLS"],
  [Buffer.from("HTTP/1.1 400 Bad Request\r\n"), "not-kafka", 'answers "HTTP/1.1 400 Bad Request"'],
  [Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"), "not-kafka", 'answers "SSH-2.0-OpenSSH_9.2"'],
  [Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), "not-kafka", "its answer is no frame of it"],
])("%j must be told from a frame as %s", (start, fault, text) => {
  const error = explainForeignAnswer(start, address);
  expect(error).toMatchObject({ fault, message: expect.stringContaining(text) });
});

function coded(code: string, message = code): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

test.each([
  ["ENOTFOUND", "dial", "unresolved"],
  ["ECONNREFUSED", "dial", "refused"],
  ["EHOSTUNREACH", "dial", "unreachable"],
  ["ECONNRESET", "tls", "no-tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", "no-tls"],
  ["CERT_HAS_EXPIRED", "tls", "certificate"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls", "certificate"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls", "certificate"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tls", "no-tls"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "talk", "own-certificate"],
  ["ECONNRESET", "talk", "lost"],
] as const)("%s in %s must be %s", (code, phase, fault) => {
  expect(explainSocketError(coded(code), { address, phase }).fault).toBe(fault);
});

test("where a name has several addresses, each one's reason must be told", () => {
  const reasons = ["connect ECONNREFUSED ::1:1", "connect ECONNREFUSED 127.0.0.1:1"];
  const error = Object.assign(
    new AggregateError(reasons.map((text) => coded("ECONNREFUSED", text))),
    { code: "ECONNREFUSED" },
  );
  const { fault, message } = explainSocketError(error, { address, phase: "dial" });
  expect({ fault, message }).toEqual({ fault: "refused", message: reasons.join(", ") });
});

const metadata = { apiKey: 3, min: 0, max: 12 };
const versions = { apiKey: 18, min: 0, max: 4 };

test.each([
  { fault: "not-kafka", apis: [versions], hasSasl: false, text: "the port of a controller" },
  { fault: "not-kafka", apis: [{ ...metadata, min: 9 }], hasSasl: false, text: "Kafka 3.9 to 4.3" },
  { fault: "wants-sasl", apis: [metadata, versions], hasSasl: false, text: "without SASL" },
  { fault: "lost", apis: [metadata, versions], hasSasl: true, text: "it ended" },
])("a connection that is ended must be told as $fault: $text", ({ fault, apis, hasSasl, text }) => {
  const error = new ConnectionError("lost", "it ended");
  const request = { apiKey: 3, apiVersion: 7 };
  const told = explainLost({ address, request, apis, hasSasl, error });
  expect(told).toMatchObject({ fault, message: expect.stringContaining(text) });
});
