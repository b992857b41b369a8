import type { SecureContextOptions } from "node:tls";
import { messageOf } from "../../errors.ts";

export const saslMechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

export interface SaslCredentials {
  readonly mechanism: SaslMechanism;
  readonly user: string;
  readonly password: string;
}

/** What is checked of a broker's certificate: all, all but the host's name, or nothing. */
export type CertificateChecks = "all" | "signature" | "none";

export interface TlsSettings {
  /** PEM; the authorities that Node trusts when there is no `ca`. */
  readonly pem: Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase">;
  /** The name in the brokers' certificates; undefined: each one's host. */
  readonly serverName: string | undefined;
  readonly checks: CertificateChecks;
}

/** How connections to brokers are made secret, and who asks; undefined is not at all. */
export interface Security {
  readonly tls: TlsSettings | undefined;
  readonly sasl: SaslCredentials | undefined;
}

/** Why the certificates and the key can't be used together; undefined when they can. */
export async function reasonAgainst(pem: TlsSettings["pem"]): Promise<string | undefined> {
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext(pem);
    return undefined;
  } catch (error) {
    return (error as { reason?: string }).reason ?? messageOf(error);
  }
}
