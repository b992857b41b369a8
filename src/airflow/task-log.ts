import { pathOf, type AirflowClient } from "./client.ts";

/** One try of a task. */
export interface TaskTry {
  readonly dag: string;
  readonly run: string;
  readonly task: string;
  readonly try: number;
  readonly mapIndex: number;
}

/** The part of a log that came since the last reading. */
export interface LogPart {
  /** What the task itself wrote, line by line. */
  readonly lines: readonly string[];
  /** Where to go on; undefined at the end of the log. */
  readonly next: string | undefined;
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

interface ErrorDetail {
  readonly exc_type: string;
  readonly exc_value: string;
  readonly frames?: readonly { readonly filename: string; readonly lineno: number }[];
}

/** Reads on from `from`, or from the beginning. A log that is not there yet is an empty part. */
export async function readTaskLog(
  client: AirflowClient,
  { from, of }: { readonly from: string | undefined; readonly of: TaskTry },
  signal: AbortSignal,
): Promise<LogPart> {
  const answer = await client.find<{
    readonly content: readonly (LogEntry | string)[];
    readonly continuation_token?: string | null;
  }>({
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
    query: { token: from, map_index: of.mapIndex },
    signal,
  });
  if (!answer) return { lines: [], next: undefined };
  return {
    lines: linesOf(answer.content),
    next: answer.continuation_token ?? undefined,
  };
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

/** The lines of a log that come from the task; an exception as its type, message and last place. */
export function linesOf(content: readonly (LogEntry | string)[]): string[] {
  return content
    .map((item) => (typeof item === "string" ? { event: item } : item))
    .filter((entry) => !isOfAirflow(entry))
    .flatMap(textOf);
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
