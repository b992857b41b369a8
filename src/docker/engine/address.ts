import { join } from "node:path";
import { DpError, messageOf } from "../../errors.ts";
import { readRegularFile } from "../../files/regular-file.ts";
import type { Candidate, TlsSettings } from "./contexts.ts";
import type { Connection } from "./read.ts";

/** How to speak to an engine at a candidate's address. Throws DpError `no-engine` for an address, or
 * for certificates, that can't be used. */
export async function openAddress(candidate: Candidate): Promise<Connection> {
  const { url, origin, tls } = candidate;
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/.exec(url) ?? [];
  switch (scheme) {
    case "unix":
      return { protocol: "http", socketPath: rest || "/var/run/docker.sock" };
    case "npipe":
      return { protocol: "http", socketPath: rest || "//./pipe/docker_engine" };
    case "ssh": {
      const { createSshAgent } = await import("./ssh.ts");
      return { protocol: "http", host: "docker", agent: createSshAgent(url) };
    }
    case "tcp":
    case "http":
    case "https": {
      const { host, port } = parseNetwork(rest, origin);
      if (!tls && scheme !== "https") return { protocol: "http", host, port: port ?? 2375 };
      const { Agent } = await import("node:https");
      const agent = new Agent({ keepAlive: true, ...(await readTls(tls, origin)) });
      return { protocol: "https", host, port: port ?? 2376, agent };
    }
    default:
      throw new DpError({
        code: "no-engine",
        message: `${origin}: an address like "${url}" is not supported`,
        next: "write unix:///path/of/docker.sock, tcp://host:2376 or ssh://user@host",
      });
  }
}

/** True for an engine on another machine, whose loopback addresses can't be dialled. */
export function isRemote(url: string): boolean {
  if (/^(unix|npipe):/.test(url)) return false;
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(url)?.[1] ?? "";
  return host !== "" && !/^(localhost$|127\.|\[::1\]$)/.test(host);
}

/** `:2375` means this machine, as it does for docker. */
function parseNetwork(rest: string, origin: string): { host: string; port: number | undefined } {
  try {
    const { hostname, port } = new URL(`tcp://${rest.startsWith(":") ? "localhost" : ""}${rest}`);
    return { host: hostname.replaceAll(/^\[|\]$/g, ""), port: port ? Number(port) : undefined };
  } catch {
    throw new DpError({
      code: "no-engine",
      message: `${origin}: "${rest}" is no host and port`,
      next: "write it like tcp://server:2376",
    });
  }
}

interface TlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized?: boolean;
}

/** Like docker: an engine may do without a client's certificate, and a context without a CA of its own. */
async function readTls(tls: TlsSettings | undefined, origin: string): Promise<TlsOptions> {
  if (!tls) return {};
  const { folder, verify } = tls;
  const read = (name: string): Promise<Buffer | undefined> =>
    readRegularFile(join(folder, name)).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return undefined;
      throw noCertificates(origin, messageOf(thrown));
    });
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]);
  if (verify === "engine" && !ca && origin === "DOCKER_HOST") {
    throw noCertificates(origin, `there is no ${join(folder, "ca.pem")}`);
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert ? ["cert.pem", "key.pem"] : ["key.pem", "cert.pem"];
    throw noCertificates(origin, `${folder} has ${there}, and no ${missing}`);
  }
  return {
    ...(ca ? { ca } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(verify === "none" ? { rejectUnauthorized: false } : {}),
  };
}

function noCertificates(origin: string, why: string): DpError {
  return new DpError({
    code: "no-engine",
    message: `the certificates for ${origin} can't be used`,
    why,
    next:
      origin === "DOCKER_HOST"
        ? "put ca.pem, cert.pem and key.pem there, or name their folder with DOCKER_CERT_PATH"
        : `give the context its certificates: docker context update --docker ca=…,cert=…,key=…`,
  });
}
