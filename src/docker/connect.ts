import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { DpError, messageOf } from "../errors.ts";
import type { Candidate, Candidates } from "./contexts.ts";
import { findJson, readJson, type Connection } from "./read.ts";

/** The client library's handle; other rooms only pass it on. */
export type EngineClient = Dockerode;

/** An engine that answered. */
export interface Engine {
  readonly origin: string;
  readonly url: string;
  /** True when containers run on another machine, whose loopback addresses can't be dialled. */
  readonly remote: boolean;
  /**
   * Reads JSON from the engine's API. Reading needs no client library, whose import takes longer
   * than all that `dp topic tail` does.
   */
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  /** As get, but undefined where there is no such object. */
  readonly find: <T>(path: string, signal?: AbortSignal) => Promise<T | undefined>;
  /** What tells this engine from others; asked for at the first call. */
  readonly id: () => Promise<string>;
  /** The client for everything that changes or follows something; loaded at the first call. */
  readonly client: () => Promise<Dockerode>;
}

const pingTimeoutMs = 3000;

/**
 * The first engine that answers. Throws DpError `no-engine` with every address tried and why it
 * failed.
 */
export async function connectEngine(candidates: Candidates, signal: AbortSignal): Promise<Engine> {
  const tried: { candidate: Candidate; reason: string }[] = [];
  for (const candidate of candidates.list) {
    const engine = openEngine(candidate);
    // Held until it is over: a timeout that only AbortSignal.any refers to may be collected.
    const limit = AbortSignal.timeout(pingTimeoutMs);
    try {
      await engine.get("/_ping", AbortSignal.any([signal, limit]));
      return engine;
    } catch (thrown) {
      signal.throwIfAborted();
      const reason = limit.aborted
        ? `no answer within ${pingTimeoutMs / 1000} s`
        : describeFailure(thrown);
      tried.push({ candidate, reason });
    }
  }
  throw noEngine(candidates.decided, tried);
}

function noEngine(
  decided: boolean,
  tried: readonly { candidate: Candidate; reason: string }[],
): DpError {
  const evidence = tried.map(
    ({ candidate, reason }) => `${candidate.origin} (${candidate.url}): ${reason}`,
  );
  const denied = tried.some(({ reason }) => reason.startsWith("permission denied"));
  const [first] = tried;
  return new DpError({
    code: "no-engine",
    message: "no Docker engine answers",
    why:
      decided && first
        ? `${first.candidate.origin} names ${first.candidate.url || "no address"}, and only that one is tried`
        : "none of the usual addresses answers",
    evidence,
    next: denied
      ? "add yourself to the group docker (sudo usermod -aG docker $USER), then log in again"
      : decided
        ? `start that engine, or unset ${first?.candidate.origin.startsWith("context") ? "the context (docker context use default)" : "DOCKER_HOST"}`
        : "start Docker, or install it: Debian or Ubuntu `apt-get install docker.io`, others https://docs.docker.com/engine/install/",
  });
}

function describeFailure(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  switch (code) {
    case "ENOENT":
      return "no such socket";
    case "EACCES":
      return "permission denied";
    case "ECONNREFUSED":
      return "connection refused: nothing listens there";
    default:
      return messageOf(thrown);
  }
}

function openEngine(candidate: Candidate): Engine {
  const connection = parseAddress(candidate);
  const get: Engine["get"] = (path, signal) => readJson(connection, path, signal);
  return {
    origin: candidate.origin,
    url: candidate.url,
    remote: connection.host !== undefined && !/^(localhost|127\.|\[?::1)/.test(connection.host),
    get,
    find: (path, signal) => findJson(connection, path, signal),
    id: memoize(async () => (await get<{ readonly ID: string }>("/info")).ID),
    client: memoize(() => openClient(connection)),
  };
}

function parseAddress({ url, origin, certificates }: Candidate): Connection {
  if (url.startsWith("unix://")) return { socketPath: url.slice("unix://".length) };
  if (url.startsWith("npipe://")) return { socketPath: url.slice("npipe://".length) };
  if (/^(tcp|https?):\/\//.test(url)) {
    const { hostname, port } = new URL(url.replace(/^tcp:/, "http:"));
    const secure = certificates !== undefined || url.startsWith("https:");
    const address = { host: hostname, port: port ? Number(port) : secure ? 2376 : 2375 };
    return secure && certificates
      ? { ...address, tls: readCertificates(certificates, origin) }
      : address;
  }
  if (url === "") {
    throw new DpError({
      code: "no-engine",
      message: `there is no Docker ${origin}, or it names no address`,
      next: "docker context ls; another one: docker context use default",
    });
  }
  throw new DpError({
    code: "no-engine",
    message: `${origin}: an address like "${url}" is not supported`,
    next: "for ssh, forward the engine's socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST) and set DOCKER_HOST=unix:///tmp/docker.sock",
  });
}

function readCertificates(folder: string, origin: string): NonNullable<Connection["tls"]> {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  try {
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  } catch (thrown) {
    throw new DpError({
      code: "no-engine",
      message: `the certificates for ${origin} can't be read`,
      why: messageOf(thrown),
      next: "put ca.pem, cert.pem and key.pem there, or name their folder with DOCKER_CERT_PATH",
      cause: thrown,
    });
  }
}

/** Every connection field is given, because dockerode lets DOCKER_HOST win over a socketPath alone. */
async function openClient({ socketPath, host, port, tls }: Connection): Promise<Dockerode> {
  const { default: Client } = await import("dockerode");
  if (socketPath !== undefined) {
    const local = { socketPath, host: undefined, protocol: "http" } as const;
    return new Client(local);
  }
  return new Client({
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    protocol: tls ? "https" : "http",
    ...tls,
  });
}

function memoize<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
