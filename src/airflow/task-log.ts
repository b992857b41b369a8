import { pathOf, type AirflowClient } from "./client.ts";

/** One try of a task. */
export interface TaskTry {
  readonly dag: string;
  readonly run: string;
  readonly task: string;
  readonly try: number;
  readonly mapIndex: number;
}

/** Airflow 3: FastAPI answers a list of structlog entries; `event` is the message. */
export interface LogEntry {
  readonly event?: string;
  readonly timestamp?: string | null;
  readonly level?: string;
  readonly logger?: string;
  /** The source file that logged it. */
  readonly filename?: string;
  readonly error_detail?: readonly ErrorDetail[];
}

/** A string is a line that is no entry. */
export type LogItem = LogEntry | string;

interface ErrorDetail {
  readonly exc_type: string;
  readonly exc_value: string;
  readonly frames?: readonly { readonly filename: string; readonly lineno: number }[];
}

/**
 * Reads a log as far as it is written; empty when it is not there yet. Airflow's `continuation_token`
 * is of no use: it counts lines sorted by their time, and a line that comes late moves those after it.
 */
export async function readTaskLog(
  client: AirflowClient,
  of: TaskTry,
  signal: AbortSignal,
): Promise<readonly LogItem[]> {
  const answer = await client.find<{ readonly content: readonly LogItem[] }>({
    path: pathOf(
      "dags",
      of.dag,
      "dagRuns",
      of.run,
      "taskInstances",
      of.task,
      "logs",
      String(of.try),
    ),
    query: { map_index: of.mapIndex },
    signal,
  });
  return answer?.content ?? [];
}

/** Longer than what a task writes at one moment takes to its log. */
const lateMs = 10_000;

/** Returns a function that leaves out of each reading of one log what was in an earlier one. */
export function createLogNews(): (content: readonly LogItem[]) => LogItem[] {
  const seen = new Map<string, number>();
  let horizon = Number.NEGATIVE_INFINITY;
  return (content) => {
    let latest = Number.NEGATIVE_INFINITY;
    const news: LogItem[] = [];
    for (const item of content) {
      const at = timeOf(item);
      latest = Math.max(latest, at);
      if (at < horizon) continue;
      const key = JSON.stringify(item);
      if (seen.has(key)) continue;
      seen.set(key, at);
      news.push(item);
    }
    horizon = Math.max(horizon, latest - lateMs);
    for (const [key, at] of seen) if (at < horizon) seen.delete(key);
    return news;
  };
}

/** Epoch milliseconds; what has no time is Airflow's own, and comes first. */
function timeOf(item: LogItem): number {
  const timestamp = typeof item === "string" ? undefined : item.timestamp;
  return timestamp ? Date.parse(timestamp) : Number.NEGATIVE_INFINITY;
}

const shellHook = ".SubprocessHook";
/** What the hook that runs a shell command says around the command's own output. */
const hookLines = [
  /^Tmp dir root location: /,
  /^Running command: \[/,
  /^Output:$/,
  /^Command exited with return code -?\d+$/,
  /^Sending SIGTERM signal to process group$/,
];

/**
 * The lines of a log that come from the task; an exception as its type, message and last place. Values that
 * tasks return (XCom) may be `shortened`.
 */
export function linesOf(
  content: readonly LogItem[],
  values: "whole" | "shortened" = "whole",
): string[] {
  return content
    .map((item) => (typeof item === "string" ? { event: item } : item))
    .filter((entry) => !isOfAirflow(entry))
    .map((entry) => (values === "whole" ? entry : shortenValue(entry)))
    .flatMap(textOf);
}

/** Airflow logs what a task returned, which becomes a value of XCom: https://airflow.apache.org/docs/apache-airflow/3.3.2/core-concepts/xcoms.html */
const returnedValue = /^(Done\. Returned value was: )(.*)$/s;
const shownCharacters = 200;

function shortenValue(entry: LogEntry): LogEntry {
  const { event = "", logger = "" } = entry;
  const [, start, value = ""] = returnedValue.exec(event) ?? [];
  // A task can print the same text.
  const isOfTask = logger === "task.stdout" || logger === "task.stderr";
  const characters = Array.from(value);
  if (start === undefined || isOfTask || characters.length <= shownCharacters) return entry;
  const shown = characters.slice(0, shownCharacters).join("");
  return { ...entry, event: `${start}${shown}… (${characters.length} characters)` };
}

/** What Airflow says of its own work; the files that it read come without a time. */
function isOfAirflow(entry: LogEntry): boolean {
  const { event = "", logger = "", timestamp, filename, error_detail: errors } = entry;
  if (/^::(end)?group::/.test(event)) return true;
  if (logger.endsWith(shellHook)) return hookLines.some((pattern) => pattern.test(event));
  const isRunner = filename === "task_runner.py" || filename === "timeout.py";
  if (logger === "task" && isRunner) return errors === undefined;
  return (timestamp ?? undefined) === undefined || logger.startsWith("airflow.dag_processing.");
}

function textOf({ event = "", error_detail: errors = [] }: LogEntry): string[] {
  const [error] = errors;
  if (!error) return event.split("\n");
  // A command that failed has said why in its own output.
  if (error.exc_type === "AirflowException" && error.exc_value.startsWith("Bash command failed")) {
    return [];
  }
  if (error.exc_type === "AirflowTaskTimeout") return ["error: it took longer than its timeout"];
  const frame = error.frames?.findLast(({ filename }) => !filename.includes("/site-packages/"));
  const place = frame ? [`  ${frame.filename}, line ${frame.lineno}`] : [];
  return [...`${error.exc_type}: ${error.exc_value}`.split("\n"), ...place];
}
