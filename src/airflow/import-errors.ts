import { join } from "node:path";
import { DpError, type SourcePosition } from "../errors.ts";
import { dagsFolder } from "../stack/names.ts";
import type { ImportError } from "./dags.ts";
import { hintForRemoved } from "./removed.ts";

/** What is wrong in a file, and where in the user's own code. */
export interface ImportTrouble {
  /** Relative to Airflow's folder of DAGs. */
  readonly file: string;
  readonly line: number | undefined;
  /** The end of the stack trace: type and message, as one line. */
  readonly message: string;
  /** The package or module that is missing, for an import that finds none. */
  readonly missingModule: string | undefined;
  /** What to write instead of something that Airflow 3 removed. */
  readonly replacement: string | undefined;
}

/**
 * The place nearest to the fault that lies in Airflow's folder of DAGs, from a Python stack trace:
 *   File "/opt/airflow/dags/report.py", line 2, in <module>
 * or, for text that is no Python, without the `in`.
 */
export function readImportError({ file, stackTrace }: ImportError): ImportTrouble {
  const lines = stackTrace.trimEnd().split("\n");
  const places = lines.flatMap((line) => {
    const match = /^\s*File "([^"]+)", line (\d+)/.exec(line);
    const path = match?.[1] ?? "";
    return path.startsWith(`${dagsFolder}/`)
      ? [{ file: path.slice(dagsFolder.length + 1), line: Number(match?.[2]) }]
      : [];
  });
  const place = places.at(-1);
  const message = readMessage(lines);
  return {
    file: place?.file ?? file,
    line: place?.line,
    message,
    missingModule: readMissingModule(message),
    replacement: hintForRemoved(message),
  };
}

/** A message may have several lines, of which the first has the type: `TypeError: …`. */
function readMessage(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => /^[A-Za-z_][\w.]*(?:: |:?$)/.test(line));
  const message = (start === -1 ? lines.slice(-1) : lines.slice(start)).map((line) => line.trim());
  return message.filter((line) => line !== "").join(" ") || "unknown error";
}

/** Python's own message: https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError */
function readMissingModule(message: string): string | undefined {
  const path = /^ModuleNotFoundError: No module named '([^']+)'/.exec(message)?.[1];
  if (path === undefined) return undefined;
  const [name = "", second, provider] = path.split(".");
  // Airflow itself is there, a provider of it may be missing.
  if (name !== "airflow") return name;
  return second === "providers" && provider !== undefined
    ? `airflow.providers.${provider}`
    : undefined;
}

/** What to do about a DAG that can't be loaded. */
export function hintForTrouble({ missingModule, replacement }: ImportTrouble): string {
  if (replacement !== undefined) return `${replacement}, or run dp pipeline lint`;
  return missingModule === undefined
    ? "mend that line, then run the same command again"
    : `add the package of "${missingModule}" to airflow.requirements, then run dp up`;
}

/** DAGs that can't be loaded, with the place in the user's file; `folder` is where the user has the files. */
export function importFailure(errors: readonly ImportError[], folder: string): DpError {
  const toPath = (file: string): string => join(folder, file);
  const troubles = errors.map(readImportError);
  const [first] = troubles;
  const describe = ({ file, line, message }: ImportTrouble): string =>
    `${toPath(file)}${line === undefined ? "" : `:${line}`}: ${message}`;
  const at: SourcePosition | undefined =
    first?.line === undefined
      ? undefined
      : { file: toPath(first.file), line: first.line, column: 1 };
  return new DpError({
    code: "airflow-failed",
    message: `Airflow can't load ${first ? toPath(first.file) : "a DAG"}`,
    why: first?.message,
    evidence: troubles.length > 1 ? troubles.slice(1).map(describe) : undefined,
    next: first && hintForTrouble(first),
    at,
  });
}
