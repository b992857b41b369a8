import type { ArchiveEntry } from "../exec/archive.ts";
import type { BuildContext } from "./build-context.ts";
import { certificateVariables, readHostCa, type Environment } from "./host-settings.ts";

const inContext = ".dp-host-ca.crt";
const inImage = "/tmp/dp-host-ca.crt";

/** What pip, requests, curl, git, Node, Cargo, and programs with OpenSSL read. */
const variables = [
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "PIP_CERT",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "NODE_EXTRA_CA_CERTS",
  "CARGO_HTTP_CAINFO",
];

/**
 * The files of a build whose steps trust what this machine trusts. Only where this machine names
 * certificates of its own (`SSL_CERT_FILE`, `NODE_EXTRA_CA_CERTS`): each stage of the Dockerfile then starts
 * with a copy of them and with build arguments, which steps see as variables and the image does not keep.
 * Otherwise the files as they are. Throws DpError `io-failed`.
 */
export function withPrivateCa(input: {
  readonly context: BuildContext;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly env: Environment;
}): { readonly files: readonly ArchiveEntry[]; readonly dockerfile: string } {
  const { context, dockerfile, env } = input;
  const { files } = context;
  if (certificateVariables.every((name) => !env[name])) return { files, dockerfile };
  const { content } = readHostCa(env);
  return {
    files: [
      ...files.map((file) =>
        file.path === dockerfile && file.link === undefined
          ? { ...file, content: trustInEachStage(String(file.content)) }
          : file,
      ),
      { path: inContext, content },
    ],
    dockerfile,
  };
}

/** The text of a Dockerfile whose stages trust the certificates of the build context. */
export function trustInEachStage(dockerfile: string): string {
  const args = variables.map((name) => `${name}=${inImage}`);
  const added = [`COPY ${inContext} ${inImage}`, `ARG ${args.join(" ")}`];
  let isContinued = false;
  let isFrom = false;
  return dockerfile
    .split("\n")
    .flatMap((line) => {
      // A comment may stand between the lines of an instruction.
      if (/^\s*#/.test(line)) return [line];
      isFrom = isContinued ? isFrom : /^\s*FROM\s/i.test(line);
      isContinued = /\\\s*$/.test(line);
      return isFrom && !isContinued ? [line, ...added] : [line];
    })
    .join("\n");
}
