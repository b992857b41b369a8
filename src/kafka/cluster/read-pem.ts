import { resolve } from "node:path";
import { DpError, messageOf } from "../../errors.ts";
import { readInputFile } from "../../files/input-stream.ts";
import { NotRegularError } from "../../files/regular-file.ts";
import type { PemSource } from "./client-properties.ts";

export interface FileReader {
  /** Where relative paths begin. */
  readonly cwd: string;
  /** Ends the wait for `<(command)`. */
  readonly signal: AbortSignal;
}

/** What a PEM must hold to be of use. */
export type PemKind = "certificate" | "key";

const blocks: Readonly<Record<PemKind, RegExp>> = {
  certificate: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
  key: /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** The text of a PEM with such a block. Throws DpError: what is wrong with it, never what is in it. */
export async function readPem(
  source: PemSource,
  kind: PemKind,
  reader: FileReader,
): Promise<string> {
  const text = "text" in source ? source.text : await readSecret(source.file, reader);
  if (blocks[kind].test(text)) return text;
  const name = "text" in source ? "the PEM of the client properties" : source.file;
  throw new DpError({
    code: "usage",
    message: `${name} has no ${kind === "key" ? "private key" : "certificate"} in PEM`,
    ...adviceFor(Buffer.from(text, "latin1"), name, kind),
  });
}

export function hasKey(text: string): boolean {
  return blocks.key.test(text);
}

const maxSecretBytes = 1_000_000;

/** A file's text, byte by byte where it is none. Throws DpError `io-failed`. */
export async function readSecret(file: string, { cwd, signal }: FileReader): Promise<string> {
  try {
    const limits = { maxBytes: maxSecretBytes, signal };
    return (await readInputFile(resolve(cwd, file), limits)).toString("latin1");
  } catch (error) {
    throw new DpError({
      code: "io-failed",
      message: `can't read ${file}`,
      why: messageOf(error),
      next: error instanceof NotRegularError ? `name a regular file, or <(cat ${file})` : undefined,
      cause: error,
    });
  }
}

/** Java's key stores are told by their first bytes. */
function adviceFor(start: Buffer, file: string, kind: PemKind): { why: string; next: string } {
  const isJks = start.length > 4 && start.readUInt32BE(0) === 0xfeedfeed;
  const isPkcs12 = start[0] === 0x30;
  if (!isJks && !isPkcs12) {
    return { why: "it holds nothing that begins with -----BEGIN", next: "name a file in PEM" };
  }
  const format = isJks ? "JKS" : "PKCS #12";
  const exportCertificates = `keytool -list -rfc -keystore ${file} > ca.pem`;
  const exportKey = isJks
    ? `keytool -importkeystore -srckeystore ${file} -destkeystore me.p12 -deststoretype PKCS12 && openssl pkcs12 -in me.p12 -nodes -out me.pem`
    : `openssl pkcs12 -in ${file} -nodes -out me.pem`;
  return {
    why: `it is a key store of Java (${format}), which dp can't read`,
    next: `make a PEM of it: ${kind === "certificate" ? exportCertificates : exportKey}`,
  };
}
