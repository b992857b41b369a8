/**
 * Variables of templates and keys of the context that Airflow 3 removed. ruff does not read templates. The
 * sources are https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html and the deprecated
 * variables of Airflow 2.
 */

/** Whether a fix keeps the value of the variable, in ruff's words. */
export type Applicability = "safe" | "unsafe";

interface Replacement {
  /** A Jinja expression. */
  readonly template: string;
  /** For functions, with the names of the context (default: the template). */
  readonly python?: string;
  /** Null where the values may differ too often for a fix. */
  readonly fix: Applicability | null;
}

// A run of Airflow 3 has no interval unless its schedule has one, so `data_interval_end` may be another time.
const replacements: ReadonlyMap<string, Replacement> = new Map([
  ["execution_date", { template: "logical_date", fix: "safe" }],
  [
    "yesterday_ds",
    { template: "macros.ds_add(ds, -1)", python: day("-", "%Y-%m-%d"), fix: "safe" },
  ],
  ["tomorrow_ds", { template: "macros.ds_add(ds, 1)", python: day("+", "%Y-%m-%d"), fix: "safe" }],
  [
    "yesterday_ds_nodash",
    {
      template: "(logical_date - macros.timedelta(days=1)) | ds_nodash",
      python: day("-", "%Y%m%d"),
      fix: "safe",
    },
  ],
  [
    "tomorrow_ds_nodash",
    {
      template: "(logical_date + macros.timedelta(days=1)) | ds_nodash",
      python: day("+", "%Y%m%d"),
      fix: "safe",
    },
  ],
  ["next_execution_date", { template: "data_interval_end", fix: "unsafe" }],
  ["next_ds", dateOf("data_interval_end", "unsafe")],
  ["next_ds_nodash", dateOf("data_interval_end", "unsafe", "_nodash")],
  ["prev_execution_date_success", { template: "prev_data_interval_start_success", fix: "unsafe" }],
  ["prev_execution_date", { template: "prev_data_interval_start_success", fix: null }],
  ["prev_ds", dateOf("prev_data_interval_start_success", null)],
  ["prev_ds_nodash", dateOf("prev_data_interval_start_success", null, "_nodash")],
]);

function day(sign: "+" | "-", format: string): string {
  return `(logical_date ${sign} timedelta(days=1)).strftime("${format}")`;
}

function dateOf(time: string, fix: Applicability | null, form: "" | "_nodash" = ""): Replacement {
  const format = form === "" ? "%Y-%m-%d" : "%Y%m%d";
  return { template: `${time} | ds${form}`, python: `${time}.strftime("${format}")`, fix };
}

/** One use of something that Airflow 3 removed; line and column count from 1. */
export interface RemovedVariable {
  readonly line: number;
  readonly column: number;
  readonly kind: "template" | "context";
  readonly name: string;
  /** What to write instead. */
  readonly replacement: string;
  readonly fix: Applicability | null;
}

interface Use extends RemovedVariable {
  readonly start: number;
  readonly end: number;
  /** What the fix writes from start to end. */
  readonly content: string;
}

export type TextKind = "python" | "template";

/** The uses of removed variables in a file, in their order. A Python line with `# noqa` is left out. */
export function findRemovedVariables(text: string, kind: TextKind): RemovedVariable[] {
  return findUses(text, kind).map(({ line, column, kind: where, name, replacement, fix }) => ({
    line,
    column,
    kind: where,
    name,
    replacement,
    fix,
  }));
}

/** The text with the replacements that keep values; with `unsafe` also those that may change them. */
export function replaceVariables(
  text: string,
  { kind, unsafe }: { readonly kind: TextKind; readonly unsafe: boolean },
): string {
  const uses = findUses(text, kind).filter(({ fix }) => fix === "safe" || (fix && unsafe));
  return uses.reduceRight(
    (before, { start, end, content }) => before.slice(0, start) + content + before.slice(end),
    text,
  );
}

function findUses(text: string, kind: TextKind): Use[] {
  const uses = [...findInTemplates(text), ...(kind === "python" ? findInContext(text) : [])];
  const lines = text.split("\n");
  return uses
    .toSorted((a, b) => a.start - b.start)
    .filter(({ line }) => kind !== "python" || !/#\s*noqa\b/i.test(lines[line - 1] ?? ""));
}

/** A statement or an expression of Jinja. The limit keeps a stray brace of code from starting a long one. */
const jinja = /\{\{(?:(?!\{\{)[\s\S]){0,400}?\}\}|\{%[\s\S]{0,400}?%\}/g;
const names = [...replacements.keys()].toSorted((a, b) => b.length - a.length).join("|");
/** Not in quotes, and no attribute of anything but the run and the task. */
const variable = new RegExp(
  `(?<![\\w.'"])(?:(?:dag_run|ti|task_instance)\\.(?=execution_date))?(${names})(?![\\w'"])`,
  "g",
);

function findInTemplates(text: string): Use[] {
  return [...text.matchAll(jinja)].flatMap((expression) =>
    [...expression[0].matchAll(variable)].map((match) => {
      const [written, name = ""] = match;
      const { template, fix } = getReplacement(name);
      const isWhole = /^\{\{-?\s*$/.test(expression[0].slice(0, match.index));
      const rest = expression[0].slice(match.index + written.length);
      // A filter in the middle of an expression needs parentheses.
      const isAlone = isWhole && /^\s*-?\}\}$/.test(rest);
      const content = template.includes(" | ") && !isAlone ? `(${template})` : template;
      const start = expression.index + match.index;
      const place = { start, end: start + written.length, ...findPosition(text, start) };
      const use = {
        kind: "template",
        name,
        replacement: `{{ ${template} }}`,
        fix,
        content,
      } as const;
      return { ...place, ...use };
    }),
  );
}

const contextKey = new RegExp(
  `\\b(?:context|kwargs|ctx)(?:\\[\\s*|\\.get\\(\\s*)(["'])(${names})\\1`,
  "g",
);
/** The arguments of a function that gets the rest of the context as `**kwargs`. */
const contextArguments = /\bdef\s+\w+\(([^()]*\*\*\s*\w+[^()]*)\)/g;
const argument = new RegExp(`(?<![\\w.=])(${names})(?=\\s*[,=:)]|\\s*$)`, "g");

/** Python functions read the same variables by key, or as arguments. Only the name of a key is fixed. */
function findInContext(text: string): Use[] {
  const keys = [...text.matchAll(contextKey)].map((match) => {
    const [written, , name = ""] = match;
    return contextUse(text, { name, start: match.index + written.length - name.length - 1 }, true);
  });
  const parameters = [...text.matchAll(contextArguments)].flatMap((definition) => {
    const [written, list = ""] = definition;
    const from = definition.index + written.length - list.length - 1;
    return [...list.matchAll(argument)].map((match) =>
      contextUse(text, { name: match[1] ?? "", start: from + match.index }, false),
    );
  });
  return [...keys, ...parameters];
}

function contextUse(
  text: string,
  { name, start }: { readonly name: string; readonly start: number },
  isKey: boolean,
): Use {
  const { template, python = template, fix } = getReplacement(name);
  const isKeyOfContext = /^\w+$/.test(python);
  return {
    start,
    end: start + name.length,
    ...findPosition(text, start),
    kind: "context",
    name,
    replacement: python,
    fix: isKey && isKeyOfContext ? fix : null,
    content: python,
  };
}

function getReplacement(name: string): Replacement {
  const found = replacements.get(name);
  if (found === undefined) throw new TypeError(`no replacement of ${name}`);
  return found;
}

function findPosition(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
