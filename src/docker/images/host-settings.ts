import { DpError, messageOf } from "../../errors.ts";
import { readRegularFileSync } from "../../files/regular-file.ts";
import type { ArchiveEntry } from "../exec/archive.ts";

/** Environment variables, e.g. `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * The host's proxies as build arguments. The engine knows these names: they need no ARG, and are
 * neither kept in the image nor part of what its cache compares.
 */
export function readProxyArgs(env: Environment): Record<string, string> {
  return Object.fromEntries(
    proxyVariables.flatMap((name) => {
      const value = env[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** The variables that name a file with the certificates that this machine trusts. */
export const certificateVariables = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/**
 * The certificates that the host trusts (a closed network often has an authority of its own), as the
 * file of a build context that only the downloading stage reads. Empty when the host has no bundle. Throws DpError `io-failed`.
 */
export function readHostCa(env: Environment): ArchiveEntry {
  const path = "host-ca.crt";
  for (const name of certificateVariables) {
    const content = readBundle(env[name], `set ${name} to a file with certificates in PEM`);
    if (content) return { path, content };
  }
  return { path, content: readBundle("/etc/ssl/certs/ca-certificates.crt") ?? "" };
}

const maxBundleBytes = 20_000_000;

/** Undefined when the file does not exist. */
function readBundle(file: string | undefined, hint?: string): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readRegularFileSync(file, { maxBytes: maxBundleBytes });
  } catch (thrown) {
    const { code = "" } = thrown as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    const message = "can't read the certificates that this machine trusts";
    const why = messageOf(thrown);
    throw new DpError({ code: "io-failed", message, why, next: hint, cause: thrown });
  }
}
