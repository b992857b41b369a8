import { withPostgres, type PostgresLogin } from "./postgres.ts";

/**
 * Writes rows into a table of its own, reads them back by another connection in the same order, and
 * removes the table whatever happened. Throws what pg throws.
 */
export async function roundTrip(
  login: PostgresLogin,
  table: string,
  { rows, signal }: { readonly rows: readonly string[]; readonly signal: AbortSignal },
): Promise<string[]> {
  try {
    await withPostgres({ login, signal }, async (client) => {
      await client.query(`create table ${table} (place integer primary key, line text not null)`);
      await client.query(
        `insert into ${table} select place, line from unnest($1::text[]) with ordinality as given (line, place)`,
        [rows],
      );
    });
    return await withPostgres({ login, signal }, async (client) => {
      const found = await client.query<{ line: string }>(
        `select line from ${table} order by place`,
      );
      return found.rows.map(({ line }) => line);
    });
  } finally {
    const removal = new AbortController().signal;
    await withPostgres({ login, signal: removal }, (client) =>
      client.query(`drop table if exists ${table}`),
    ).catch(() => {});
  }
}
