import type { AirflowClient } from "./client.ts";

/** Airflow gives no more of a list at once, whatever it is asked for. */
const pageSize = 100;

interface ListQuery {
  readonly path: string;
  /** The field of the answer that holds the entries. */
  readonly field: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** All entries when left out. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}

/** The entries of a list, read page by page. One that moves to the next page meanwhile comes twice. */
export async function listEntries<Entry>(
  client: AirflowClient,
  { path, field, query, limit = Infinity, signal }: ListQuery,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const asked = Math.min(pageSize, limit - entries.length);
    const page = await client.call<Readonly<Record<string, unknown>>>({
      path,
      query: { ...query, limit: asked, offset: entries.length },
      signal,
    });
    const found = page[field] as readonly Entry[];
    entries.push(...found);
    // Its own limit may be lower.
    const total = (page["total_entries"] as number | null | undefined) ?? Infinity;
    const isLast = found.length === 0 || (total === Infinity && found.length < asked);
    if (isLast || entries.length >= Math.min(limit, total)) return entries;
  }
}
