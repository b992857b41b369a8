import { createHash } from "node:crypto";
import type Dockerode from "dockerode";
import { retryUntil } from "../../async/retry-until.ts";
import { isTimeout, withTimeout } from "../../async/with-timeout.ts";
import { DpError } from "../../errors.ts";
import { isRemote, openAddress } from "./address.ts";
import type { Candidate, Candidates } from "./contexts.ts";
import { findJson, pingEngine, readJson, type Connection, type Ping } from "./read.ts";
import { explainUnreachable, type Unreachable } from "./unreachable.ts";

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
  /** Whether it takes another connection: one that shuts down still serves those that it has. */
  readonly answers: () => Promise<boolean>;
}

/** Milliseconds for an engine to answer, within which a call that stays silent is made again. */
const answerMs = 10_000;
const attemptMs = 3000;
/** ssh logs in first, maybe through other hosts, and is not begun again. */
const sshMs = 20_000;
const pauseMs = 100;

/** The oldest API that has all that dp calls: Docker 20.10, and Podman 4. */
export const oldestApi = "1.41";

interface Attempt extends Unreachable {
  readonly candidate: Candidate;
}

/**
 * The first engine that answers. Throws DpError `no-engine` with every address tried and why it
 * failed.
 */
export async function connectEngine(candidates: Candidates, signal: AbortSignal): Promise<Engine> {
  const tried: Attempt[] = [];
  for (const candidate of candidates.list) {
    const connection = await openAddress(candidate);
    const isSsh = candidate.url.startsWith("ssh:");
    const limits = isSsh
      ? { timeoutMs: sshMs, attemptMs: sshMs }
      : { timeoutMs: answerMs, attemptMs };
    try {
      const ping = await pingUntilAnswer(connection, { ...limits, signal });
      if (ping.apiVersion !== undefined && isOlder(ping.apiVersion, oldestApi)) {
        throw tooOld(candidate, ping.apiVersion);
      }
      return openEngine(candidate, connection, ping);
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof DpError && thrown.code === "no-engine") throw thrown;
      tried.push({
        candidate,
        ...(isTimeout(thrown)
          ? {
              reason: `did not respond within ${limits.timeoutMs / 1000} s`,
              lines: [],
              next: undefined,
            }
          : explainUnreachable(thrown, candidate)),
      });
    }
  }
  throw noEngine(candidates, tried);
}

/**
 * The first answer to a ping. Silence and a connection that is lost may pass: another one is made until the
 * time is over. Throws a timeout's error, or what broke the connection.
 */
function pingUntilAnswer(
  connection: Connection,
  limits: {
    readonly timeoutMs: number;
    readonly attemptMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Ping> {
  const { attemptMs, ...rest } = limits;
  return retryUntil({
    attempt: (signal) =>
      withTimeout({
        work: (either) => pingEngine(connection, either),
        timeoutMs: attemptMs,
        signal,
      }),
    isRetriable: (thrown) =>
      isTimeout(thrown) || (thrown as { code?: unknown }).code === "ECONNRESET",
    pauseMs,
    ...rest,
  });
}

/** Compares versions of the API, 1.9 being older than 1.41; a collation would take 6 ms to load. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}

function tooOld({ url, origin }: Candidate, apiVersion: string): DpError {
  return new DpError({
    code: "no-engine",
    message: "the Docker engine is too old for dp",
    why: `${url} (${origin}) has API ${apiVersion}, and dp needs ${oldestApi}`,
    next: "install Docker 20.10 or newer",
  });
}

function noEngine({ decided, otherwise = "" }: Candidates, tried: readonly Attempt[]): DpError {
  const [first] = tried;
  return new DpError({
    code: "no-engine",
    message: "no Docker engine answers",
    why:
      decided && first
        ? `${first.candidate.origin} names ${first.candidate.url}, and only that one is tried`
        : "none of the usual addresses answers",
    evidence: tried.flatMap(({ candidate, reason, lines }) => [
      `${candidate.origin} (${candidate.url}): ${reason}`,
      ...lines.map((line) => `  ${line}`),
    ]),
    next:
      tried.find(({ next }) => next !== undefined)?.next ??
      (decided
        ? `start that engine, or ${otherwise}`
        : "start Docker, or install it: Debian or Ubuntu `apt-get install docker.io`, others https://docs.docker.com/engine/install/"),
  });
}

function openEngine({ origin, url }: Candidate, connection: Connection, ping: Ping): Engine {
  const get: Engine["get"] = (path, signal) => readJson(connection, path, signal);
  return {
    origin,
    url,
    remote: isRemote(url),
    get,
    find: (path, signal) => findJson(connection, path, signal),
    id: memoize(async () => engineId(await get<EngineInfo>("/info"), ping)),
    client: memoize(() => openClient(connection)),
    answers: () =>
      pingUntilAnswer(
        { agent: false, ...connection },
        {
          timeoutMs: answerMs,
          attemptMs,
          signal: new AbortController().signal,
        },
      ).then(
        () => true,
        () => false,
      ),
  };
}

interface EngineInfo {
  readonly ID: string;
  readonly Name: string;
  readonly DockerRootDir: string;
}

/** Podman gives every caller another ID; where it keeps its data on which machine stays the same. */
function engineId(info: EngineInfo, { isPodman }: Ping): string {
  if (!isPodman) return info.ID;
  const place = `${info.Name} ${info.DockerRootDir}`;
  return createHash("sha256").update(place).digest("hex").slice(0, 32);
}

/** Every connection field is given, because dockerode lets DOCKER_HOST win over a socketPath alone. */
async function openClient(connection: Connection): Promise<Dockerode> {
  const { default: Client } = await import("dockerode");
  return new Client({ socketPath: undefined, host: undefined, port: undefined, ...connection });
}

function memoize<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
