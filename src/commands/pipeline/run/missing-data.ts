import type { Emit } from "../../../model/events.ts";
import type { RunResult } from "../../../pipeline/result.ts";

/** Messages about a missing file of the folder data/, relative or in the folder of the code. */
const missingFile: readonly RegExp[] = [
  // Python: https://docs.python.org/3/library/exceptions.html#FileNotFoundError
  /No such file or directory: '(?:\.\/|\/opt\/dp\/code\/[^/']+\/)?(data\/[^']+)'/,
  // DuckDB: https://duckdb.org/docs/stable/data/csv/overview
  /No files found that match the pattern "(?:\.\/)?(data\/[^"]+)"/,
  // Programs of a shell, e.g. `cat: data/a.csv: No such file or directory`.
  /^[\w./-]+: (?:can't open |cannot access )?'?(?:\.\/)?(data\/[^:']+)'?: No such file or directory/,
];

/** The file of data/ that is missing in a container; undefined for any other end of a log. */
export function findMissingData(log: readonly string[]): string | undefined {
  for (const line of log.toReversed()) {
    for (const form of missingFile) {
      const file = form.exec(line)?.[1];
      if (file !== undefined) return file;
    }
  }
  return undefined;
}

/** Explains steps that failed because the folder data/ is not deployed; returns the result. */
export function noteMissingData(result: RunResult, emit: Emit): RunResult {
  for (const { step, log } of result.failures) {
    const file = findMissingData(log);
    if (file === undefined) continue;
    const reason = `the folder data/ is not deployed, so ${file} does not exist in the container`;
    const hint =
      "move the file to another folder, or mount data/ with airflow.volumes and read it there";
    emit({ type: "note", level: "warning", text: `${step}: ${reason}; ${hint}` });
  }
  return result;
}
