import { pathOf, type AirflowClient } from "./client.ts";
import { dpTag } from "./dag.ts";
import { listEntries } from "./list.ts";

/** A DAG as Airflow knows it. */
export interface KnownDag {
  readonly id: string;
  /** Its file has gone, or can't be loaded. */
  readonly stale: boolean;
  readonly paused: boolean;
  readonly hasImportErrors: boolean;
  readonly tags: readonly string[];
  /** Relative to the folder of DAGs. */
  readonly file: string;
  /** When what was read of it was stored, epoch milliseconds. */
  readonly parsedAt: number;
  /** What triggers it, in Airflow's words; null when nothing does. */
  readonly schedule: string | null;
  /** RFC 3339; null when nothing is to come. */
  readonly nextRun: string | null;
}

interface DagAnswer {
  readonly dag_id: string;
  readonly is_stale: boolean;
  readonly is_paused: boolean;
  readonly has_import_errors: boolean;
  readonly tags: readonly { readonly name: string }[];
  readonly relative_fileloc: string | null;
  readonly last_parsed_time: string | null;
  readonly timetable_summary: string | null;
  readonly next_dagrun_run_after: string | null;
}

/** All DAGs that Airflow knows, the stale ones too, by id. */
export async function listDags(client: AirflowClient, signal: AbortSignal): Promise<KnownDag[]> {
  const dags = await listEntries<DagAnswer>(client, {
    path: "/dags",
    field: "dags",
    query: { order_by: "dag_id", exclude_stale: "false" },
    signal,
  });
  return dags.map(toDag);
}

/** Whether dp wrote it. */
export function isOfDp({ tags }: KnownDag): boolean {
  return tags.includes(dpTag) && tags.some((tag) => tag.startsWith(`${dpTag}:`));
}

/** Lets a DAG run: one that is paused takes runs, and leaves them queued. */
export async function unpauseDag(
  client: AirflowClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const body = { is_paused: false };
  await client.call({ method: "PATCH", path: pathOf("dags", id), body, signal });
}

/** A file of Airflow's folder of DAGs that can't be loaded. */
export interface ImportError {
  /** Relative to the folder of DAGs. */
  readonly file: string;
  readonly stackTrace: string;
  /** When it was stored, epoch milliseconds. */
  readonly at: number;
}

/** All of them, by file. */
export async function listImportErrors(
  client: AirflowClient,
  signal: AbortSignal,
): Promise<ImportError[]> {
  const errors = await listEntries<{
    readonly filename: string;
    readonly stack_trace: string;
    readonly timestamp: string;
  }>(client, { path: "/importErrors", field: "import_errors", signal });
  return errors
    .map(({ filename, stack_trace: stackTrace, timestamp }) => ({
      file: filename,
      stackTrace,
      at: Date.parse(timestamp),
    }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

function toDag(dag: DagAnswer): KnownDag {
  return {
    id: dag.dag_id,
    stale: dag.is_stale,
    paused: dag.is_paused,
    hasImportErrors: dag.has_import_errors,
    tags: dag.tags.map(({ name }) => name),
    file: dag.relative_fileloc ?? "",
    parsedAt: Date.parse(dag.last_parsed_time ?? "") || 0,
    schedule: dag.timetable_summary,
    nextRun: dag.next_dagrun_run_after,
  };
}
