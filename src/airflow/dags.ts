import { pathOf, type AirflowClient } from "./client.ts";
import { dpTag } from "./dag.ts";

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

const pageSize = 100;

/** All DAGs that Airflow knows, the stale ones too, by id. */
export async function listDags(client: AirflowClient, signal: AbortSignal): Promise<KnownDag[]> {
  const dags: KnownDag[] = [];
  for (;;) {
    const page = await client.call<{ readonly dags: readonly DagAnswer[]; total_entries: number }>({
      path: "/dags",
      query: {
        limit: pageSize,
        offset: dags.length,
        order_by: "dag_id",
        exclude_stale: "false",
      },
      signal,
    });
    dags.push(...page.dags.map(toDag));
    if (page.dags.length < pageSize || dags.length >= page.total_entries) return dags;
  }
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

export async function listImportErrors(
  client: AirflowClient,
  signal: AbortSignal,
): Promise<ImportError[]> {
  const answer = await client.call<{
    readonly import_errors: readonly {
      readonly filename: string;
      readonly stack_trace: string;
      readonly timestamp: string;
    }[];
  }>({ path: "/importErrors", query: { limit: pageSize }, signal });
  return answer.import_errors.map(({ filename, stack_trace: stackTrace, timestamp }) => ({
    file: filename,
    stackTrace,
    at: Date.parse(timestamp),
  }));
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
