import type { Address } from "../model/containers.ts";
import type { StoreLogin } from "../stack/store-login.ts";
import { withPostgres, type PostgresLogin } from "./postgres.ts";
import { withRedis, type RedisLogin } from "./redis.ts";
import { openS3 } from "./s3.ts";

interface Rows {
  /** A word that no other round trip has: letters, digits and `_`. */
  readonly word: string;
  readonly rows: readonly string[];
  readonly signal: AbortSignal;
}

/** Milliseconds for a connection and its work: on a busy machine 2 s were too short. */
const timeoutMs = 10_000;

/** Removal goes on after Ctrl-C; each store answers within its own limit. */
const removal = (): AbortSignal => new AbortController().signal;

/**
 * Writes rows into a place of its own, without what an earlier attempt has left there, reads them back by
 * another connection in the same order, and removes the place whatever happened. Throws DpError
 * `store-failed` when the store refuses the login, and else what its client throws.
 */
export function roundTrip(
  { address, login }: { readonly address: Address; readonly login: StoreLogin },
  rows: Rows,
): Promise<string[]> {
  switch (login.type) {
    case "postgres":
      return throughTable({ address, ...login }, rows);
    case "redis":
      return throughList({ address, password: login.password }, rows);
    case "s3":
      return throughObject(address, rows);
  }
}

async function throughTable(login: PostgresLogin, { word: table, rows, signal }: Rows) {
  try {
    await withPostgres({ login, signal, timeoutMs }, async (client) => {
      await client.query(`drop table if exists ${table}`);
      await client.query(`create table ${table} (place integer primary key, line text not null)`);
      await client.query(
        `insert into ${table} select place, line from unnest($1::text[]) with ordinality as given (line, place)`,
        [rows],
      );
    });
    return await withPostgres({ login, signal, timeoutMs }, async (client) => {
      const found = await client.query<{ line: string }>(
        `select line from ${table} order by place`,
      );
      return found.rows.map(({ line }) => line);
    });
  } finally {
    await withPostgres({ login, signal: removal(), timeoutMs }, (client) =>
      client.query(`drop table if exists ${table}`),
    ).catch(() => {});
  }
}

async function throughList(login: RedisLogin, { word: key, rows, signal }: Rows) {
  try {
    await withRedis({ login, signal, timeoutMs }, async (send) => {
      await send("DEL", key);
      await send("RPUSH", key, ...rows);
    });
    const found = await withRedis({ login, signal, timeoutMs }, (send) =>
      send("LRANGE", key, "0", "-1"),
    );
    return Array.isArray(found) ? found.map(String) : [];
  } finally {
    await withRedis({ login, signal: removal(), timeoutMs }, (send) => send("DEL", key)).catch(
      () => {},
    );
  }
}

async function throughObject(address: Address, { word, rows, signal }: Rows) {
  const bucket = `/${word.replaceAll("_", "-")}`;
  const object = `${bucket}/rows.json`;
  try {
    const s3 = openS3(address, signal);
    await s3.put(bucket);
    await s3.put(object, JSON.stringify(rows));
    return JSON.parse(await s3.get(object)) as string[];
  } finally {
    const s3 = openS3(address, removal());
    await s3
      .remove(object)
      .then(() => s3.remove(bucket))
      .catch(() => {});
  }
}
