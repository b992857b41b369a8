import {
  request as httpRequest,
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { DpError } from "../../errors.ts";
import { toEngineError } from "./engine-error.ts";

/** Where an engine answers: a socket's path, or a host and port. */
export interface Connection {
  readonly protocol: "http" | "https";
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  /** Makes the connections, where there is more to it: TLS, ssh; false makes one for each call. */
  readonly agent?: Agent | false;
}

/** A busy engine may take seconds to list hundreds of containers. */
const readTimeoutMs = 60_000;

/**
 * The JSON that the engine answers to a GET. Throws DpError `engine-failed`, `no-engine` where none
 * answers; the signal's reason.
 */
export async function readJson<T>(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await readInTime(connection, path, signal);
  if (answer.status >= 400) throw refusal(answer, path);
  return parse(answer) as T;
}

/** As readJson, but undefined for 404. */
export async function findJson<T>(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const answer = await readInTime(connection, path, signal);
  if (answer.status === 404) return undefined;
  if (answer.status >= 400) throw refusal(answer, path);
  return parse(answer) as T;
}

/** What an engine says of itself when it is asked for a sign of life. */
export interface Ping {
  /** The newest version of the API that it speaks, as `1.41`; undefined where it tells none. */
  readonly apiVersion: string | undefined;
  readonly isPodman: boolean;
}

/**
 * Asks for a sign of life. Like all of dp's calls this one names no version of the API: an engine
 * then answers by its own newest, and one that has dropped old versions takes it.
 * Throws DpError `engine-failed`; what the connection threw; the signal's reason.
 */
export async function pingEngine(connection: Connection, signal: AbortSignal): Promise<Ping> {
  const answer = await read(connection, "/_ping", signal);
  if (answer.status >= 400) throw refusal(answer, "/_ping");
  const { "api-version": apiVersion, "libpod-api-version": podman } = answer.headers;
  return {
    apiVersion: typeof apiVersion === "string" ? apiVersion : undefined,
    isPodman: podman !== undefined,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isJson: boolean;
  readonly headers: IncomingHttpHeaders;
}

function parse({ text, isJson }: Answer): unknown {
  return isJson ? JSON.parse(text) : text;
}

/** As read, but an engine that is gone, or does not answer in time, is told as one. */
async function readInTime(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(readTimeoutMs);
  try {
    return await read(connection, path, signal ? AbortSignal.any([signal, deadline]) : deadline);
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown;
    if (!deadline.aborted) throw toEngineError(thrown, `read ${path}`);
    throw new DpError({
      code: "engine-failed",
      message: `the engine gives no answer to GET ${path}`,
      why: `it took the call, and was silent for ${readTimeoutMs / 1000} s`,
      next: "see whether docker ps answers; restart the engine if not",
      cause: thrown,
    });
  }
}

async function read(connection: Connection, path: string, signal: AbortSignal): Promise<Answer> {
  const { protocol, socketPath, host, port, agent } = connection;
  const options: RequestOptions = {
    path,
    method: "GET",
    // The name in this header is the one that a certificate is checked for.
    ...(socketPath === undefined ? { host, port } : { socketPath, headers: { host: "docker" } }),
    ...(agent === undefined ? {} : { agent }),
    signal,
  };
  const send = protocol === "https" ? (await import("node:https")).request : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send(options, resolve).on("error", reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode ?? 0,
    text,
    // Podman does not say of every answer what it is.
    isJson: response.headers["content-type"]?.includes("json") === true || /^[[{]/.test(text),
    headers: response.headers,
  };
}

function refusal({ status, text, isJson }: Answer, path: string): DpError {
  const { message } = isJson
    ? (JSON.parse(text) as { message?: string })
    : { message: text.trim() };
  return new DpError({
    code: "engine-failed",
    message: `the engine refused GET ${path}`,
    why: `${message ?? text} (HTTP ${status})`,
  });
}
