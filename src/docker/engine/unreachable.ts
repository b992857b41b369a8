import { DpError, messageOf } from "../../errors.ts";
import type { Candidate } from "./contexts.ts";

/** Why an address gave no engine. */
export interface Unreachable {
  readonly reason: string;
  /** What else was said, a line each. */
  readonly lines: readonly string[];
  /** What to do about just this. */
  readonly next: string | undefined;
}

/** The reason of a failed connection, in words that say whose fault it is. */
export function explainUnreachable(thrown: unknown, { url }: Candidate): Unreachable {
  const { code = "", sshLines } = thrown as { code?: string; sshLines?: readonly string[] };
  if (url.startsWith("ssh:")) return explainSsh({ code, thrown, lines: sshLines ?? [], url });
  const plain = /wrong version number|packet length too long/i.test(messageOf(thrown));
  const known = plain ? noTls : byCode[code];
  if (known) return { lines: [], next: undefined, ...known };
  const said = thrown instanceof DpError ? (thrown.why ?? thrown.message) : messageOf(thrown);
  const general = /certificate|TLS|SSL/i.test(`${code} ${said}`) ? "TLS failed: " : "";
  const speaksTls = /HTTP request to an HTTPS server/.test(said);
  return speaksTls
    ? { reason: "it wants TLS, and was spoken to without", lines: [], next: setTls }
    : { reason: `${general}${said}`, lines: [], next: undefined };
}

const setTls =
  "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem";

const notTrusted = {
  reason: "its certificate is not signed by an authority that ca.pem names",
  next: "put the certificate of the engine's own authority into ca.pem",
};
const noCertificate = {
  reason: "it wants a client's certificate of its own authority: cert.pem is none, or missing",
  next: "put cert.pem and key.pem beside ca.pem, signed by the engine's authority",
};
const noTls = {
  reason: "it does not speak TLS",
  next: "unset DOCKER_TLS_VERIFY and DOCKER_TLS, or name the port that speaks TLS",
};

/** Codes of node's errors; those of TLS are named by OpenSSL. */
const byCode: Readonly<Record<string, { readonly reason: string; readonly next?: string }>> = {
  ENOENT: { reason: "no such socket" },
  EACCES: {
    reason: "permission denied",
    next: "add yourself to the group docker (sudo usermod -aG docker $USER), then log in again",
  },
  ECONNREFUSED: { reason: "connection refused: nothing listens there" },
  ENOTFOUND: { reason: "no host has that name" },
  EHOSTUNREACH: { reason: "no way leads to that host" },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notTrusted,
  SELF_SIGNED_CERT_IN_CHAIN: notTrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: notTrusted,
  CERT_SIGNATURE_FAILURE: notTrusted,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: noCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: noCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: noCertificate,
};

/** The last line that ssh, or docker at its other end, wrote says most. */
function explainSsh(failure: {
  readonly code: string;
  readonly thrown: unknown;
  readonly lines: readonly string[];
  readonly url: string;
}): Unreachable {
  const { code, thrown, lines, url } = failure;
  if (code === "ENOENT") {
    return { reason: "there is no ssh program here", lines: [], next: "install openssh-client" };
  }
  const host = /^ssh:\/\/([^/]*)/.exec(url)?.[1] ?? "HOST";
  const text = lines.join("\n");
  const [, next] = sshAdvice.find(([pattern]) => pattern.test(text)) ?? [];
  return {
    reason: messageOf(thrown),
    lines: lines.slice(0, -1),
    next: next?.replace("HOST", host),
  };
}

/** What OpenSSH's client, a shell or docker write; the first that is found counts. */
const sshAdvice: readonly (readonly [RegExp, string])[] = [
  [/Host key verification failed/, "ssh HOST once, to see and accept its key"],
  [
    /Permission denied \(/,
    "let ssh HOST in without a question: a key in the agent (ssh-add), or ~/.ssh/config",
  ],
  [/docker: (command )?not found/, "install Docker's command line there: docker system dial-stdio"],
  [
    /permission denied.*docker\.sock|docker daemon socket.*permission denied/i,
    "add that user to the group docker there",
  ],
  [
    /Cannot connect to the Docker daemon|failed to (connect|open the raw stream)/i,
    "start Docker there, or name its socket: ssh://HOST/path/of/docker.sock",
  ],
];
