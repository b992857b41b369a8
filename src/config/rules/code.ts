import path from "node:path";
import { nearest } from "../../stack/nearest.ts";
import type { Path } from "../../stack/path.ts";
import { parseFunction } from "../endpoints.ts";
import { stepsOf } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

/** Functions of transforms and run steps: the file is there, and the function in it. */
export const functionsExist: Rule = (input) =>
  stepsOf(input.spec).flatMap(({ path, step }) => {
    const python = typeof step.run === "object" ? step.run.python : undefined;
    return [
      ...functionProblems({ at: [...path, "transform"], written: step.transform, rules: input }),
      ...functionProblems({ at: [...path, "run", "python"], written: python, rules: input }),
    ];
  });

export const sqlFilesExist: Rule = (rules) =>
  stepsOf(rules.spec).flatMap(({ path, step: { run } }) => {
    if (typeof run !== "object" || run.sql === undefined) return [];
    return pathProblems({ at: [...path, "run", "sql"], written: run.sql, want: "file", rules });
  });

function functionProblems(input: {
  at: Path;
  written: string | undefined;
  rules: RuleInput;
}): Found[] {
  const { at, written, rules } = input;
  if (written === undefined) return [];
  const named = parseFunction(written);
  if (!named) {
    return [
      {
        path: at,
        message: `"${written}" names no function`,
        hint: "write the file and the function: pipelines/orders.py:clean",
      },
    ];
  }
  const missing = pathProblems({ at, written: named.file, want: "file", rules });
  if (missing.length > 0) return missing;
  const text = rules.textOf(path.resolve(path.dirname(rules.stack.file), named.file)) ?? "";
  const names = namesIn(text);
  const { file, name } = named;
  if (names.asynchronous.includes(name)) {
    return [
      {
        path: at,
        message: `${name} in ${file} is asynchronous, and steps call plain functions`,
        hint: `write def ${name} instead of async def ${name}`,
      },
    ];
  }
  if (names.plain.includes(name) || names.isOpen) return [];
  const guess = nearest(name, names.plain);
  return [
    {
      path: at,
      message: `there is no function "${name}" in ${file}`,
      hint:
        guess === undefined
          ? `write def ${name} at the top level of the file`
          : `did you mean "${guess}"?`,
    },
  ];
}

interface Names {
  readonly plain: readonly string[];
  readonly asynchronous: readonly string[];
  /** Whether names come in that the text does not show: `from x import *`. */
  readonly isOpen: boolean;
}

/** Names that the top level of a Python file defines, found by their form: nothing is run. */
function namesIn(text: string): Names {
  const all = (form: RegExp) => [...text.matchAll(form)].map(([, name = ""]) => name);
  const imported = all(/^(?:from\s+\S+\s+)?import\s+(\([^)]*\)|.*)$/gm).flatMap((list) =>
    list
      .replaceAll(/#.*|[()]/g, "")
      .split(",")
      .map(
        (item) =>
          item
            .trim()
            .split(/\s+as\s+/)
            .at(-1) ?? "",
      ),
  );
  return {
    plain: [
      ...all(/^def\s+([\p{L}_][\p{L}\p{N}_]*)/gmu),
      ...all(/^class\s+([\p{L}_][\p{L}\p{N}_]*)/gmu),
      ...all(/^([\p{L}_][\p{L}\p{N}_]*)\s*(?::[^=\n]+)?=(?!=)/gmu),
      ...imported.filter((name) => /^[\p{L}_]/u.test(name)),
    ],
    asynchronous: all(/^async\s+def\s+([\p{L}_][\p{L}\p{N}_]*)/gmu),
    isOpen: imported.includes("*"),
  };
}
