import type { Client } from "pg";
import { silenceSignal } from "../async/silence.ts";
import { DpError, isBug, messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../model/containers.ts";

/** Where a Postgres answers, and as whom. */
export interface PostgresLogin {
  readonly address: Address;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Milliseconds for one attempt of a check. */
const checkMs = 2000;

/**
 * Ready when it answers a query. Throws DpError `store-failed` for what no wait mends: a server that
 * serves, but not this user or database.
 */
export async function checkPostgres(
  login: PostgresLogin,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    await withPostgres({ login, signal, timeoutMs: checkMs }, (client) => client.query("select 1"));
    return { ready: true };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof DpError || isBug(thrown)) throw thrown;
    return { ready: false, waitingFor: describeWait(login, thrown) };
  }
}

interface Session {
  readonly login: PostgresLogin;
  readonly signal: AbortSignal;
  /** Milliseconds for the connection and all of the work. */
  readonly timeoutMs: number;
}

/**
 * Runs work with a connection of its own, and ends it afterwards; an abort ends it at once. Throws DpError
 * `store-failed` for a refused user, password or database, and else what pg throws.
 */
export async function withPostgres<T>(
  { login, signal, timeoutMs }: Session,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { default: pg } = await import("pg");
  const limit = silenceSignal(timeoutMs);
  const { address, database, user, password } = login;
  const client = new pg.Client({
    ...address,
    database,
    user,
    password,
    application_name: "dp",
    // pg's own limits end its sockets. They count busy time, so they are longer than any stretched limit.
    connectionTimeoutMillis: 5 * timeoutMs,
    query_timeout: 5 * timeoutMs,
  });
  // A connection that breaks fails the call under way; without a listener it would end the process.
  client.on("error", () => {});
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    const late = new Error(`the server did not respond within ${timeoutMs / 1000} s`);
    limit.signal.addEventListener("abort", () => reject(late), { once: true });
  });
  const run = async (): Promise<T> => {
    signal.throwIfAborted();
    await client.connect();
    return work(client);
  };
  try {
    return await Promise.race([run(), aborted]);
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    throw typeof code === "string" && finalCodes.has(code) ? refused(login, thrown) : thrown;
  } finally {
    limit.cancel();
    signal.removeEventListener("abort", onAbort);
    client.end().catch(() => {});
  }
}

/**
 * https://www.postgresql.org/docs/15/errcodes-appendix.html: invalid authorization, invalid password,
 * no such database.
 */
const finalCodes: ReadonlySet<string> = new Set(["28000", "28P01", "3D000"]);

function refused({ user, database }: PostgresLogin, thrown: unknown): DpError {
  return new DpError({
    code: "store-failed",
    message: `Postgres refuses user ${user} for database ${database}`,
    why: messageOf(thrown),
    next: "user, password and database are made on an empty volume only: put the old ones back, or start over with dp down --volumes",
    cause: thrown,
  });
}

function describeWait({ address }: PostgresLogin, thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  if (code === "ECONNREFUSED") return `nothing listens on port ${address.port}`;
  // The engine's proxy takes a connection before the server listens, and drops it.
  if (code === "ECONNRESET" || /terminated unexpectedly/.test(messageOf(thrown))) {
    return "the server does not take connections";
  }
  return messageOf(thrown);
}
