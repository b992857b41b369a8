import path from "node:path";
import type { Stack } from "../model/settings.ts";
import { formatPath } from "../stack/path.ts";
import type { Problem } from "../stack/problem.ts";
import { nameOfFolder } from "./name.ts";
import { valueAt } from "./layers.ts";
import { parseSpec, toProblem, type ParsedContent } from "./parse.ts";
import { resolve } from "./resolve.ts";
import { applyRules } from "./rules.ts";
import type { FileKind, Found } from "./rules/rule.ts";
import type { Setting } from "./set.ts";

export interface CheckInput {
  readonly text: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** The value of a variable, undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined;
  /** The profile to lay over the file; one that the file does not have lays nothing over it. */
  readonly profile?: string | undefined;
  readonly settings?: readonly Setting[];
  /** The name to use instead of the file's own. */
  readonly project: string | undefined;
  readonly ports: "written" | "auto";
  /** An absolute path without symbolic links. */
  readonly realPathOf: (file: string) => string;
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
  /** What is written; undefined when the text is no YAML. */
  readonly content: ParsedContent | undefined;
}

/** Everything that can be said about the text of a pipeline.yaml: pure but for the look-ups given. */
export function checkText(input: CheckInput): Checked {
  const { file, realPathOf, kindOf, textOf, lookup, profile } = input;
  const { content, problems } = parseSpec(input);
  if (!content) return { stack: undefined, problems: inOrder(problems), content };
  const { spec, broken, fromVariables, placeOf } = content;
  const ownName = spec.name ?? nameOfFolder(path.basename(path.dirname(file)));
  const meaning = { spec, file, realPathOf, textOf, lookup, profile };
  const written = resolve({ ...meaning, name: ownName, ports: "written" });
  const files = { realPathOf, kindOf, textOf, lookup };
  const found = applyRules({ spec, stack: written, ...files, fromVariables }, broken);
  return {
    stack: resolve({ ...meaning, name: input.project ?? ownName, ports: input.ports }),
    problems: inOrder([
      ...problems,
      ...found.map((each) => toProblem(hideValue(each, content), placeOf)),
    ]),
    content,
  };
}

/** A text that came from a variable is told as it is written. */
function hideValue(found: Found, { spec, fromVariables }: ParsedContent): Found {
  const written = fromVariables.get(formatPath(found.path));
  const value = valueAt(spec, found.path);
  if (written === undefined || typeof value !== "string" || value === "") return found;
  // A short word may stand in the sentence by itself.
  const isShort = value.length < 6;
  const hide = (text: string): string =>
    isShort ? text.replaceAll(`"${value}"`, `"${written}"`) : text.replaceAll(value, written);
  return { ...found, message: hide(found.message), hint: hide(found.hint) };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const place = ({ at }: Problem) => (at ? at.line * 100_000 + at.column : 0);
  return problems.toSorted((a, b) => place(a) - place(b));
}
