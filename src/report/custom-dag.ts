import type { DagTask } from "../model/dag-task.ts";
import { formatTime, renderBroken, type BrokenDag, type RunLine } from "./pipeline-list.ts";
import type { Style } from "./style.ts";
import { pad, visibleWidth } from "./width.ts";

/** What `dp pipeline show --json` prints for a custom DAG. */
export interface CustomDag {
  readonly name: string;
  readonly from: "airflow";
  /** Relative to the folder of pipeline.yaml. */
  readonly file: string;
  readonly description: string | null;
  readonly schedule: string | null;
  readonly timezone: string;
  readonly paused: boolean;
  readonly nextRun: string | null;
  readonly broken: BrokenDag | null;
  /** In the version that Airflow loaded last, each task after those that it needs. */
  readonly tasks: readonly DagTask[];
  /** The latest first. */
  readonly runs: readonly RunLine[];
}

/** A custom DAG as text: its settings, its error, then each task with what it needs. */
export function renderCustomDag(dag: CustomDag, style: Style): string {
  const { name, description, broken, tasks } = dag;
  const width = Math.max(0, ...tasks.map(({ id }) => visibleWidth(id)));
  const lines = tasks.flatMap((task, index) => {
    const notes = notesOf(task, tasks[index - 1]?.id);
    return [
      `  ${style.bold(pad(task.id, width))}  ${task.operator}`,
      ...(notes === "" ? [] : [`  ${" ".repeat(width)}  ${style.dim(notes)}`]),
    ];
  });
  const head = [style.bold(name), ...(description === null ? [] : [description])].join(": ");
  const error = broken === null ? [] : [renderBroken([broken], style), lastVersion, ""];
  return [head, `  ${style.dim(settingsOf(dag))}`, "", ...error, ...lines, ""].join("\n");
}

const lastVersion = "The tasks of the last version that Airflow could load are:";

function settingsOf({ schedule, timezone, paused, nextRun, file }: CustomDag): string {
  return [
    schedule === null ? "no schedule" : `schedule ${schedule} (${timezone})`,
    ...(nextRun === null ? [] : [`next run ${formatTime(nextRun)}`]),
    ...(paused ? ["paused"] : []),
    file,
  ].join(" · ");
}

/** What is not as usual: usual is a task that needs the one above it and is not retried. */
function notesOf(task: DagTask, previous: string | undefined): string {
  const { needs, retries, triggerRule, mapped } = task;
  const isUsual = needs.length === (previous === undefined ? 0 : 1) && needs[0] === previous;
  return [
    ...(isUsual ? [] : [needs.length === 0 ? "starts at once" : `needs ${needs.join(", ")}`]),
    ...(triggerRule === "all_success" ? [] : [`trigger rule ${triggerRule}`]),
    ...(retries === 0 ? [] : [`retries ${retries}`]),
    ...(mapped ? ["mapped"] : []),
  ].join(" · ");
}
