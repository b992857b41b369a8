import { DpError } from "../../errors.ts";
import type { ClientSettings, PemSource } from "../../kafka/cluster/client-properties.ts";
import type { SaslCredentials, Security, TlsSettings } from "../../kafka/connection/security.ts";
import type { ClusterOptions } from "../request.ts";
import { findPassword, type Surroundings } from "./password.ts";
import { hasKey, readPem } from "../../kafka/cluster/read-pem.ts";

/** What the command line and the client properties say together; the command line wins. */
export async function resolveSecurity(
  host: Surroundings,
  options: ClusterOptions,
  settings: ClientSettings | undefined,
): Promise<Security> {
  const tls = await resolveTls(host, options, settings);
  const sasl = await resolveSasl(host, options, settings);
  return { tls, sasl };
}

async function resolveTls(
  host: Surroundings,
  options: ClusterOptions,
  settings: ClientSettings | undefined,
): Promise<TlsSettings | undefined> {
  const { tls, tlsCa, tlsCert, tlsKey, tlsServerName } = options;
  const isNamed = [tlsCa, tlsCert, tlsKey, tlsServerName].some((value) => value !== undefined);
  if (!tls && !isNamed && settings?.tls !== true) return undefined;
  const ca = sourceOf(tlsCa) ?? settings?.ca;
  const cert = sourceOf(tlsCert) ?? settings?.cert;
  const key = sourceOf(tlsKey) ?? settings?.key;
  if (cert === undefined && key !== undefined) {
    throw missing("--tls-key needs --tls-cert", "add --tls-cert FILE with its certificate");
  }
  const pem = {
    ...(ca && { ca: await readPem(ca, "certificate", host) }),
    ...(cert && (await readOwn({ cert, key, host }))),
    ...(settings?.passphrase !== undefined && { passphrase: settings.passphrase }),
  };
  const { reasonAgainst } = await import("../../kafka/connection/security.ts");
  const reason = await reasonAgainst(pem);
  if (reason !== undefined) {
    throw new DpError({
      code: "usage",
      message: "the certificates can't be used",
      why: reason,
      next: "check that key and certificate belong together, and that the key needs no password (else: ssl.key.password in --client-properties)",
    });
  }
  return { pem, serverName: tlsServerName, checks: settings?.checks ?? "all" };
}

function sourceOf(file: string | undefined): PemSource | undefined {
  return file === undefined ? undefined : { file };
}

/** The own certificate and its key, which may stand in the same file. */
async function readOwn(own: {
  readonly cert: PemSource;
  readonly key: PemSource | undefined;
  readonly host: Surroundings;
}): Promise<{ cert: string; key: string }> {
  const cert = await readPem(own.cert, "certificate", own.host);
  if (own.key !== undefined) return { cert, key: await readPem(own.key, "key", own.host) };
  if (hasKey(cert)) return { cert, key: cert };
  throw missing("the certificate's key is missing", "add --tls-key FILE");
}

async function resolveSasl(
  host: Surroundings,
  options: ClusterOptions,
  settings: ClientSettings | undefined,
): Promise<SaslCredentials | undefined> {
  const isWanted =
    options.sasl !== undefined || options.user !== undefined || settings?.sasl === true;
  if (!isWanted) {
    if (options.passwordFile === undefined) return undefined;
    throw missing("--password-file needs --sasl and --user", "add --sasl MECHANISM --user NAME");
  }
  const mechanism = options.sasl ?? settings?.mechanism;
  if (mechanism === undefined) {
    throw missing(
      "the SASL mechanism is missing",
      "add --sasl PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    );
  }
  const user = options.user ?? settings?.user;
  if (user === undefined) throw missing("the user is missing", "add --user NAME");
  const properties = user === settings?.user ? settings.password : undefined;
  const password = await findPassword(host, { user, file: options.passwordFile, properties });
  return { mechanism, user, password };
}

function missing(message: string, next: string): DpError {
  return new DpError({ code: "usage", message, next });
}
