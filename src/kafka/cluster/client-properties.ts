import { DpError } from "../../errors.ts";
import { normalizeText } from "../../files/text.ts";
import {
  saslMechanisms,
  type CertificateChecks,
  type SaslMechanism,
} from "../connection/security.ts";

/** PEM, as a file or as the text itself. */
export type PemSource = { readonly file: string } | { readonly text: string };

/** What a client's properties say that dp can use; undefined is not said. */
export interface ClientSettings {
  readonly bootstrap: string | undefined;
  readonly tls: boolean | undefined;
  readonly ca: PemSource | undefined;
  readonly cert: PemSource | undefined;
  readonly key: PemSource | undefined;
  readonly passphrase: string | undefined;
  readonly checks: CertificateChecks;
  readonly sasl: boolean | undefined;
  readonly mechanism: SaslMechanism | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Keys that mean nothing to dp. */
  readonly ignored: readonly string[];
}

/**
 * Reads the properties of a Java client or of librdkafka (kafka.apache.org/documentation, "Security";
 * CONFIGURATION.md of librdkafka). Throws DpError `usage` for what dp can't do; no message has a
 * value in it that may be a password.
 */
export function readClientProperties(text: string): ClientSettings {
  const entries = parseProperties(text);
  const used = new Set<string>();
  const take = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) used.add(key);
    return keys.map((key) => entries.get(key)).find((value) => value !== undefined && value !== "");
  };
  const pem = (fileKeys: readonly string[], textKeys: readonly string[]): PemSource | undefined => {
    const inline = take(...textKeys);
    const file = take(...fileKeys);
    if (inline !== undefined) return { text: inline };
    return file === undefined ? undefined : { file };
  };
  const protocol = readProtocol(take("security.protocol"));
  const mechanism = readMechanism(take("sasl.mechanism", "sasl.mechanisms"));
  const login = readJaas(take("sasl.jaas.config"));
  const settings = {
    bootstrap: take("bootstrap.servers", "metadata.broker.list"),
    tls: protocol?.endsWith("SSL"),
    ca: pem(
      ["ssl.truststore.location", "ssl.ca.location"],
      ["ssl.truststore.certificates", "ssl.ca.pem"],
    ),
    cert: pem(
      ["ssl.keystore.location", "ssl.certificate.location"],
      ["ssl.keystore.certificate.chain", "ssl.certificate.pem"],
    ),
    key: pem(["ssl.key.location"], ["ssl.keystore.key", "ssl.key.pem"]),
    passphrase: take("ssl.key.password"),
    checks: readChecks(entries),
    sasl: protocol?.startsWith("SASL"),
    mechanism,
    user: take("sasl.username") ?? login?.user,
    password: take("sasl.password") ?? login?.password,
  };
  for (const key of alsoKnown) used.add(key);
  return { ...settings, ignored: [...entries.keys()].filter((key) => !used.has(key)) };
}

/** Read elsewhere here, or said already by what a file holds. */
const alsoKnown = [
  "ssl.endpoint.identification.algorithm",
  "enable.ssl.certificate.verification",
  "ssl.truststore.type",
  "ssl.truststore.password",
  "ssl.keystore.type",
  "ssl.keystore.password",
];

function readProtocol(text: string | undefined): string | undefined {
  const protocol = text?.toUpperCase();
  const known = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
  if (protocol === undefined || known.includes(protocol)) return protocol;
  throw unusable(`security.protocol is none of ${known.join(", ")}`, "correct it");
}

function readMechanism(text: string | undefined): SaslMechanism | undefined {
  const mechanism = text?.trim().toUpperCase();
  const found = saslMechanisms.find((name) => name === mechanism);
  if (mechanism === undefined || found !== undefined) return found;
  const why = `dp does not know sasl.mechanism ${mechanism}`;
  throw unusable(why, `use a listener with one of ${saslMechanisms.join(", ")}`);
}

/** As Java: without a name for the algorithm, the host's name is not looked at. */
function readChecks(entries: ReadonlyMap<string, string>): CertificateChecks {
  if (entries.get("enable.ssl.certificate.verification") === "false") return "none";
  const algorithm = entries.get("ssl.endpoint.identification.algorithm");
  return algorithm === undefined || algorithm.toLowerCase() === "https" ? "all" : "signature";
}

interface Login {
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** `CLASS required name="value" …;` with values in either quotes. */
function readJaas(text: string | undefined): Login | undefined {
  if (text === undefined) return undefined;
  const module = /^\s*(?:[\w$]+\.)*(\w+)\s/.exec(text)?.[1];
  if (module !== "PlainLoginModule" && module !== "ScramLoginModule") {
    const why = `dp does not know the login module ${module ?? "of sasl.jaas.config"}`;
    throw unusable(why, "use PlainLoginModule or ScramLoginModule");
  }
  const valueOf = (name: string): string | undefined => {
    const quoted = new RegExp(
      `\\s${name}\\s*=\\s*(?:"((?:\\\\.|[^"\\\\])*)"|'((?:\\\\.|[^'\\\\])*)')`,
    );
    const match = quoted.exec(text);
    return (match?.[1] ?? match?.[2])?.replaceAll(/\\(.)/g, "$1");
  };
  return { user: valueOf("username"), password: valueOf("password") };
}

function unusable(why: string, next: string): DpError {
  const message = "the client properties can't be used";
  return new DpError({ code: "usage", message, why, next });
}

/** The format of java.util.Properties.load. */
export function parseProperties(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  // A backslash at the end of a line takes the next one in, less its indent.
  const lines = normalizeText(text)
    .replaceAll(/(?<!\\)((?:\\\\)*)\\\r?\n[ \t\f]*/g, "$1")
    .split(/\r\n|\n|\r/);
  for (const line of lines) {
    const trimmed = line.replace(/^[ \t\f]+/, "");
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("!")) continue;
    const match = /^((?:\\.|[^\\\s=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/.exec(trimmed);
    if (match) entries.set(unescape(match[1] ?? ""), unescape(match[2] ?? ""));
  }
  return entries;
}

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescape(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex?: string, sign = "") =>
    hex === undefined
      ? (escapes[String(sign)] ?? String(sign))
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
