import type * as z from "zod";
import { parseDocument } from "yaml";
import type { Problem } from "../stack/problem.ts";
import { formatPath, type Path } from "../stack/path.ts";
import { locate, positionOf, type Marks } from "./locate.ts";
import { pipelineSchema, type Spec } from "./schema.ts";
import { isHarmless, syntaxProblems } from "./syntax.ts";
import { readValues } from "./values.ts";

export interface Parsed {
  /** What could be understood; undefined when the text is no YAML. Wrong values are left out of it. */
  readonly spec: Spec | undefined;
  readonly problems: readonly Problem[];
  /** Paths whose values were left out because they are wrong. */
  readonly broken: readonly Path[];
  readonly marks: Marks;
  /** Values that came from variables: dotted path → as written, e.g. `kafka.port` → `${PORT}`. */
  readonly fromVariables: ReadonlyMap<string, string>;
}

/** Reads the text of a pipeline.yaml: every problem of syntax, variables, keys and values at once. */
export function parseSpec(input: {
  text: string;
  lookup: (name: string) => string | undefined;
}): Parsed {
  const { text } = input;
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false });
  const errors = [...document.errors, ...document.warnings];
  const syntax = syntaxProblems(text, errors);
  if (!errors.every(isHarmless)) {
    return {
      spec: undefined,
      problems: syntax,
      broken: [],
      marks: new Map(),
      fromVariables: new Map(),
    };
  }
  const read = readValues({ document, text, schema: pipelineSchema, lookup: input.lookup });
  const values = read.problems.map((found): Problem => {
    const span = found.span ?? locate({ marks: read.marks, path: found.path, on: found.on });
    return {
      severity: "error",
      path: found.path,
      message: found.message,
      hint: found.hint,
      ...(span ? { at: positionOf(text, span) } : {}),
    };
  });
  // An empty file is checked as one without any section.
  const { spec, issues } = check(read.value ?? {});
  const schema = issues.map((issue) => toProblem({ issue, text, marks: read.marks }));
  return {
    spec,
    problems: [...syntax, ...values, ...schema],
    broken: [...read.problems.map(({ path }) => path), ...issues.map(({ path }) => path)],
    marks: read.marks,
    fromVariables: new Map(read.variables.map(([path, written]) => [formatPath(path), written])),
  };
}

interface Issue {
  readonly path: Path;
  readonly message: string;
  readonly input: unknown;
}

/** Leaves out what is wrong until the rest holds: no key is required, so this ends. */
function check(value: unknown): { spec: Spec; issues: Issue[] } {
  const issues: Issue[] = [];
  let rest = value;
  for (;;) {
    const result = pipelineSchema.safeParse(rest, { reportInput: true });
    if (result.success) return { spec: result.data, issues };
    for (const issue of result.error.issues.map((raw) => flatten(raw, []))) {
      issues.push(...issue);
      for (const { path } of issue) rest = without(rest, path);
    }
  }
}

/** The issues of the alternative that was meant: the one whose kind of value fits. */
function flatten(issue: z.core.$ZodIssue, parent: Path): Issue[] {
  const path = [
    ...parent,
    ...issue.path.map((part) => (typeof part === "number" ? part : String(part))),
  ];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || !isWrongKind(inner)),
    );
    if (meant) return meant.flatMap((inner) => flatten(inner, path));
  }
  return [{ path, message: issue.message, input: issue.input }];
}

function isWrongKind(issue: z.core.$ZodIssue): boolean {
  if (issue.code === "invalid_type") return issue.expected !== "int";
  return issue.code === "invalid_value" || issue.code === "invalid_union";
}

/** A list goes as a whole, so that the places of its other items stay true. */
function without(value: unknown, path: Path): unknown {
  const [first, next] = path;
  if (first === undefined || typeof value !== "object" || value === null) return {};
  const isLast = next === undefined || typeof next === "number";
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (key !== first) return [[key, item]];
      return isLast ? [] : [[key, without(item, path.slice(1))]];
    }),
  );
}

function toProblem(input: { issue: Issue; text: string; marks: Marks }): Problem {
  const { issue, text, marks } = input;
  const { path } = issue;
  const span = locate({ marks, path, on: "value" });
  const key = path.at(-1);
  const subject =
    key === undefined
      ? "the file"
      : typeof key === "number"
        ? `"${formatPath(path.slice(-2))}"`
        : `"${key}"`;
  return {
    severity: "error",
    path,
    message: `${subject} ${issue.message}, not ${describe(issue.input)}`,
    hint: valueHint(issue),
    ...(span ? { at: positionOf(text, span) } : {}),
  };
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return JSON.stringify(value) ?? "nothing";
}

function valueHint({ input: value, message }: Issue): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  if (message.startsWith("must be a list")) return `write a list: [${JSON.stringify(value)}]`;
  if (typeof value === "number") return undefined;
  if (/^(no|off|False|FALSE)$/.test(value)) return "write false";
  if (/^(yes|on|True|TRUE)$/.test(value)) return "write nothing after the colon for defaults";
  if (/^\d+$/.test(value)) return numberHint(value, message);
  return /^[\w.-]+:\S/.test(value)
    ? `write a space after the colon: ${value.replace(":", ": ")}`
    : undefined;
}

function numberHint(value: string, message: string): string | undefined {
  if (message.startsWith("must be a duration")) return `add a unit: ${value}s`;
  const isNumber = /whole number|a port/.test(message);
  return isNumber ? `write it without quotes: ${value}` : undefined;
}
