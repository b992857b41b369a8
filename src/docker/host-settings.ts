import { existsSync, readFileSync } from "node:fs";
import type { ArchiveEntry } from "./archive.ts";

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

/**
 * The certificates that the host trusts (a closed network often has an authority of its own), as the
 * file of a build context that only the downloading stage reads. Empty when the host has no bundle.
 */
export function readHostCa(env: Environment): ArchiveEntry {
  const bundle = [
    env["SSL_CERT_FILE"],
    env["NODE_EXTRA_CA_CERTS"],
    "/etc/ssl/certs/ca-certificates.crt",
  ].find((path) => path !== undefined && existsSync(path));
  return { path: "host-ca.crt", content: bundle === undefined ? "" : readFileSync(bundle) };
}
