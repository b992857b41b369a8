import { Agent, request, type IncomingMessage } from "node:http";
import { retryUntil } from "../async/retry-until.ts";
import { isTimeout, withTimeout } from "../async/with-timeout.ts";
import { DpError, messageOf } from "../errors.ts";
import { exactJson } from "../stack/exact-json.ts";
import type { Address } from "../model/containers.ts";

/** A connection to Airflow's REST API (v2, Airflow 3.1 and later); it needs no login on a stack of dp's. */
export interface AirflowClient {
  readonly address: Address;
  /** Sends a call and returns the JSON that is answered; undefined for an empty answer. */
  call<T>(call: Call): Promise<T>;
  /** As call, but undefined for 404. */
  find<T>(call: Call): Promise<T | undefined>;
  /** As call, but undefined for 409: something of that kind is there already. */
  create<T>(call: Call): Promise<T | undefined>;
  /** By how many milliseconds Airflow's clock was ahead of this one's at the last answer, ± 1 s. */
  clockAheadMs(): number;
  close(): void;
}

export interface Call {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/v2`, e.g. `/dags/orders`; see `pathOf`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/**
 * Milliseconds for one attempt of a call. The first call after a boot builds Airflow's routes: seconds of
 * computing on a busy machine.
 */
const attemptMs = 30_000;
const retryPauseMs = 250;

/** Joins segments to a path, each encoded. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/** A failure that says nothing about the call: an answer of 5xx, a connection that the server ended, silence. */
class ServerFailure extends Error {
  readonly explained: DpError;

  constructor(explained: DpError) {
    super(explained.message, { cause: explained });
    this.explained = explained;
  }
}

export interface AirflowOptions {
  /** "one" is for a caller that makes the call again by itself. */
  readonly attempts?: "one" | "until-timeout";
  /**
   * Milliseconds for a call with all its attempts (default: 30 s, the time of one attempt without a response).
   * A caller whose signal ends the call can say `Infinity`.
   */
  readonly timeoutMs?: number;
}

/**
 * Opens a client that keeps its connections. Its calls throw DpError `airflow-failed` with what
 * Airflow answered, and the signal's reason when that is aborted. With `attempts` "until-timeout", as
 * when left out, a call that the server can't carry out at the moment is sent again, also one that may
 * have been carried out: a caller that creates something looks for what is there already.
 */
export function openAirflow(
  address: Address,
  { attempts = "until-timeout", timeoutMs = attemptMs }: AirflowOptions = {},
): AirflowClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let aheadMs = 0;
  const sendOnce = async (call: Call, signal: AbortSignal): Promise<Answer> => {
    const answer = await withTimeout({
      work: (attempt) => exchange({ call, address, agent }, attempt),
      timeoutMs: attemptMs,
      signal,
    }).catch((thrown: unknown) => {
      const mayPass = isLost(thrown) || isTimeout(thrown);
      throw mayPass ? new ServerFailure(unreachable({ call, address, thrown })) : thrown;
    });
    if (answer.date !== undefined) aheadMs = answer.date - Date.now();
    if (answer.status >= 500) throw new ServerFailure(refusal(call, answer));
    return answer;
  };
  const send = async (call: Call): Promise<Answer> => {
    try {
      return await retryUntil({
        attempt: (signal) => sendOnce(call, signal),
        isRetriable: (thrown) => attempts === "until-timeout" && thrown instanceof ServerFailure,
        timeoutMs,
        pauseMs: retryPauseMs,
        signal: call.signal,
      });
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (thrown instanceof ServerFailure) throw thrown.explained;
      throw unreachable({ call, address, thrown });
    }
  };
  const callUnless = async <T>(status: number, call: Call): Promise<T | undefined> => {
    const answer = await send(call);
    if (answer.status === status) return undefined;
    if (answer.status >= 400) throw refusal(call, answer);
    return parse(answer) as T;
  };
  return {
    address,
    call: async <T>(call: Call): Promise<T> => {
      const answer = await send(call);
      if (answer.status >= 400) throw refusal(call, answer);
      return parse(answer) as T;
    },
    find: (call) => callUnless(404, call),
    create: (call) => callUnless(409, call),
    clockAheadMs: () => aheadMs,
    close: () => agent.destroy(),
  };
}

/** Whether the server took the connection and ended it without an answer. */
function isLost(thrown: unknown): boolean {
  const { code } = thrown as { code?: unknown };
  return code === "ECONNRESET" || code === "EPIPE";
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly date: number | undefined;
}

function parse({ text }: Answer): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

async function exchange(
  {
    call,
    address,
    agent,
  }: { readonly call: Call; readonly address: Address; readonly agent: Agent },
  signal: AbortSignal,
): Promise<Answer> {
  const body = call.body === undefined ? undefined : Buffer.from(exactJson(call.body));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(
      {
        ...address,
        agent,
        signal,
        method: call.method ?? "GET",
        path: `/api/v2${call.path}${formatQuery(call.query)}`,
        headers: {
          accept: "application/json",
          ...(body ? { "content-type": "application/json", "content-length": body.length } : {}),
        },
      },
      resolve,
    )
      .on("error", reject)
      .end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const date = Date.parse(response.headers.date ?? "");
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(chunks).toString(),
    date: Number.isNaN(date) ? undefined : date,
  };
}

function formatQuery(query: Call["query"] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? "" : `?${given.join("&")}`;
}

function unreachable(failed: {
  readonly call: Call;
  readonly address: Address;
  readonly thrown: unknown;
}): DpError {
  const { call, address, thrown } = failed;
  return new DpError({
    code: "airflow-failed",
    message: `Airflow does not answer on ${address.host}:${address.port}`,
    why: isTimeout(thrown)
      ? `it took the call (${nameOf(call)}) and was silent for ${attemptMs / 1000} s`
      : messageOf(thrown),
    next: "dp logs airflow; dp up",
    cause: thrown,
  });
}

function refusal(call: Call, { status, text }: Answer): DpError {
  return new DpError({
    code: "airflow-failed",
    message: `Airflow refused ${nameOf(call)}`,
    why: `${detailOf(text)} (HTTP ${status})`,
  });
}

function nameOf({ method = "GET", path }: Call): string {
  return `${method} ${path}`;
}

/** FastAPI's errors: `{"detail": text}`, or a list of what is wrong with the call, or an object. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === "string") return detail;
    return detail === undefined ? text : JSON.stringify(detail);
  } catch {
    return text.trim().slice(0, 300);
  }
}
