import path from "node:path";
import type { Stack } from "../stack/settings.ts";
import type { Problem } from "../stack/problem.ts";
import { locate, positionOf } from "./locate.ts";
import { nameOfFolder } from "./name.ts";
import { parseSpec } from "./parse.ts";
import { resolve } from "./resolve.ts";
import { applyRules } from "./rules.ts";
import type { FileKind } from "./rules/rule.ts";

export interface CheckInput {
  readonly text: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** The value of a variable, undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined;
  /** The name to use instead of the file's own. */
  readonly project: string | undefined;
  readonly ports: "written" | "auto";
  /** What lies at an absolute path. */
  readonly kindOf: (file: string) => FileKind;
  /** The text of the file at an absolute path; undefined when it can't be read. */
  readonly textOf: (file: string) => string | undefined;
}

export interface Checked {
  /** What the file means; undefined when the text is no YAML. Not to be used beside errors. */
  readonly stack: Stack | undefined;
  /** All problems, in the order of the file. */
  readonly problems: readonly Problem[];
  readonly fromVariables: ReadonlyMap<string, string>;
}

/** Everything that can be said about the text of a pipeline.yaml: pure but for the look-ups given. */
export function checkText(input: CheckInput): Checked {
  const { text, file, lookup, kindOf, textOf } = input;
  const { spec, problems, broken, marks, fromVariables } = parseSpec({ text, lookup });
  if (!spec) return { stack: undefined, problems: inOrder(problems), fromVariables };
  const ownName = spec.name ?? nameOfFolder(path.basename(path.dirname(file)));
  const written = resolve({ spec, file, name: ownName, ports: "written" });
  const crossKey = applyRules({ spec, stack: written, kindOf, textOf, fromVariables }, broken).map(
    (found): Problem => {
      const span = locate({ marks, path: found.path, on: found.on ?? "value" });
      return {
        severity: found.severity ?? "error",
        path: found.path,
        message: found.message,
        hint: found.hint,
        ...(span ? { at: positionOf(text, span) } : {}),
      };
    },
  );
  return {
    stack: resolve({ spec, file, name: input.project ?? ownName, ports: input.ports }),
    problems: inOrder([...problems, ...crossKey]),
    fromVariables,
  };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const place = ({ at }: Problem) => (at ? at.line * 100_000 + at.column : 0);
  return problems.toSorted((a, b) => place(a) - place(b));
}
