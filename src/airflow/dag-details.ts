import type { DagTask } from "../model/dag-task.ts";
import { pathOf, type AirflowClient } from "./client.ts";

/** What Airflow reports about one DAG only. */
export interface DagDetails {
  readonly description: string | null;
  readonly timezone: string;
}

export async function readDagDetails(
  client: AirflowClient,
  id: string,
  signal: AbortSignal,
): Promise<DagDetails> {
  const { description, timezone } = await client.call<{
    readonly description: string | null;
    readonly timezone: string | null;
  }>({ path: pathOf("dags", id, "details"), signal });
  return { description, timezone: timezone ?? "UTC" };
}

interface TaskAnswer {
  readonly task_id: string;
  readonly operator_name: string | null;
  readonly downstream_task_ids: readonly string[] | null;
  readonly retries: number | null;
  readonly trigger_rule: string | null;
  readonly is_mapped: boolean | null;
}

/** The tasks of a DAG, each after those that it needs; also of a DAG that can't be loaded any more. */
export async function listDagTasks(
  client: AirflowClient,
  id: string,
  signal: AbortSignal,
): Promise<DagTask[]> {
  // Airflow returns all of them at once: the list has no pages.
  const { tasks } = await client.call<{ readonly tasks: readonly TaskAnswer[] }>({
    path: pathOf("dags", id, "tasks"),
    signal,
  });
  return orderTasks(
    tasks.map((task) => ({
      id: task.task_id,
      operator: task.operator_name ?? "",
      needs: tasks
        .filter((other) => other.downstream_task_ids?.includes(task.task_id) === true)
        .map((other) => other.task_id),
      retries: task.retries ?? 0,
      triggerRule: task.trigger_rule ?? "all_success",
      mapped: task.is_mapped === true,
    })),
  );
}

/** Puts each task after those that it needs, and otherwise keeps the order. */
export function orderTasks(tasks: readonly DagTask[]): DagTask[] {
  const ordered: DagTask[] = [];
  let rest = [...tasks];
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ id }) => id));
    const next = rest.find(({ needs }) => !needs.some((need) => waiting.has(need))) ?? rest[0];
    if (!next) break;
    ordered.push(next);
    rest = rest.filter((task) => task !== next);
  }
  return ordered;
}
