import { dirname, join } from "node:path";
import type { EngineClient } from "../../docker/engine/connect.ts";
import { runInContainer } from "../../docker/exec/exec.ts";
import { DpError } from "../../errors.ts";
import { renderProblems } from "../../report/problems.ts";
import { plainStyle } from "../../report/style.ts";
import { textOf } from "../../config/find.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { Problem } from "../../stack/problem.ts";

/** Python of the image, with what the runtime imports. */
export const runtimePython = "/opt/dp/venv/bin/python";

/** What the runtime's `check` says of one mistake; line and column count from 1. */
interface CheckLine {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** The source line. */
  readonly text: string | null;
  readonly message: string;
}

const checkTimeoutMs = 60_000;

/** A mistake in the Python that a pipeline names. */
export interface CodeProblem {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly problem: Problem;
}

/**
 * Lets the runtime look at the Python that the pipelines name, in a container that has the code:
 * syntax, and whether the functions are there. Throws DpError `engine-failed`.
 */
export async function checkCode(input: {
  readonly container: ReturnType<EngineClient["getContainer"]>;
  readonly folder: string;
  readonly signal: AbortSignal;
}): Promise<CodeProblem[]> {
  const { container, folder, signal } = input;
  const command = `cd ${folder} && PYTHONPATH=.dp exec ${runtimePython} -m dp_runtime check`;
  const { exitCode, stdout, stderr } = await runInContainer({
    container,
    command: ["/bin/sh", "-c", command],
    timeoutMs: checkTimeoutMs,
    signal,
  });
  if (exitCode === 0) return [];
  const problems = stdout.split("\n").flatMap(parseLine);
  if (problems.length > 0) return problems;
  throw new DpError({
    code: "engine-failed",
    message: "the pipelines' code could not be checked in the container",
    why: `${runtimePython} ended with exit code ${exitCode}`,
    evidence: (stderr + stdout).trim().split("\n").slice(-10),
    next: "dp up --recreate airflow; dp images build",
  });
}

function parseLine(printed: string): CodeProblem[] {
  if (!printed.startsWith("{")) return [];
  const { file, line, column, text, message } = JSON.parse(printed) as CheckLine;
  const problem: Problem = { severity: "error", path: [], message };
  if (line === null) return [{ file, problem }];
  const from = column ?? 1;
  const word = /^\w+/.exec((text ?? "").slice(from - 1))?.[0] ?? "";
  return [{ file, problem: { ...problem, at: { line, column: from, length: word.length || 1 } } }];
}

/** Whether a pipeline uses the file of a problem. */
export function concerns({ steps }: Pipeline, { file }: CodeProblem): boolean {
  return steps.some(({ work }) => {
    const code = work.kind === "move" ? work.transform : work.run;
    return code !== undefined && "file" in code && code.file === file;
  });
}

/** The mistakes as `dp validate` shows its own; `file` is the pipeline.yaml beside the code. */
export async function codeFailure(
  problems: readonly CodeProblem[],
  file: string,
): Promise<DpError> {
  const folder = dirname(file);
  const files = [...new Set(problems.map((problem) => problem.file))];
  const rendered = await Promise.all(
    files.map(async (name) => {
      const own = problems.filter((problem) => problem.file === name).map(({ problem }) => problem);
      const unique = own.filter(
        (problem, index) => own.findIndex((other) => other.message === problem.message) === index,
      );
      const text = textOf(join(folder, name)) ?? "";
      return renderProblems({ problems: unique, file: name, text, style: plainStyle });
    }),
  );
  const [first] = problems;
  return new DpError({
    code: "invalid-file",
    message: `${files.join(", ")} can't be used as ${files.length === 1 ? "it is" : "they are"}`,
    evidence: rendered.join("\n").trimEnd().split("\n"),
    next: "mend the lines above, then run the same command again",
    at: first?.problem.at && {
      file: join(folder, first.file),
      line: first.problem.at.line,
      column: first.problem.at.column,
    },
  });
}
