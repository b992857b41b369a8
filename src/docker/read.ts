import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { DpError } from "../errors.ts";

/** Where an engine answers: a socket's path, or a host and port, with TLS when there are certificates. */
export interface Connection {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
}

/** A busy engine may take seconds to list hundreds of containers. */
const readTimeoutMs = 60_000;

/** The JSON that the engine answers to a GET. Throws DpError `engine-failed`; the signal's reason. */
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

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isJson: boolean;
}

function parse({ text, isJson }: Answer): unknown {
  return isJson ? JSON.parse(text) : text;
}

/** As read, but an engine that does not answer in time is told as one. */
async function readInTime(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(readTimeoutMs);
  try {
    return await read(connection, path, signal ? AbortSignal.any([signal, deadline]) : deadline);
  } catch (thrown) {
    if (!deadline.aborted || signal?.aborted === true) throw thrown;
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
  const { socketPath, host, port, tls } = connection;
  const options: RequestOptions = {
    path,
    method: "GET",
    headers: { host: "docker" },
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    signal,
    ...tls,
  };
  const send = tls ? (await import("node:https")).request : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send(options, resolve).on("error", reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(chunks).toString(),
    isJson: response.headers["content-type"]?.includes("json") ?? false,
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
