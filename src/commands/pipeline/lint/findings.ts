import { isUtf8 } from "node:buffer";
import { readImportError } from "../../../airflow/import-errors.ts";
import {
  findRemovedVariables,
  replaceVariables,
  type Applicability,
  type TextKind,
} from "../../../airflow/template-variables.ts";

/** Something in a file that Airflow 3 does not have, or will not have for long. */
export interface Finding {
  /** Relative to the folder of DAGs. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A rule of ruff, or one of dp: `argument`, `import`, `template`, `context`; `syntax` for no Python at all. */
  readonly rule: string;
  readonly message: string;
  readonly hint: string | null;
  /** `unsafe` needs `--unsafe`; null has to be fixed manually. */
  readonly fix: Applicability | null;
}

/** A finding as lint_dags.py prints it. */
export interface RawFinding extends Omit<Finding, "fix"> {
  /** In ruff's words; `display` is a fix that is never applied. */
  readonly fix: Applicability | "display" | null;
}

/** The result of importing one file. */
export interface FileImport {
  readonly file: string;
  readonly dags: readonly string[];
  readonly error: {
    readonly file: string;
    readonly line: number | null;
    readonly message: string;
    readonly hint: string | null;
  } | null;
}

/** A line of import_dags.py. */
export interface RawImport {
  readonly file: string;
  readonly dags: readonly string[];
  /** A stack trace. */
  readonly error: string | null;
}

export interface TextFile {
  readonly path: string;
  readonly content: Buffer;
}

/** Files that operators render: SQL, scripts, and the texts of messages. */
const templateFile = /\.(?:sql|hql|ddl|sh|bash|j2|jinja2?|tpl|tmpl|html?|txt|md|json|ya?ml|xml)$/i;

/** The kind of text that may use variables of a run; undefined for any other file, and for no UTF-8. */
export function textKind({ path, content }: TextFile): TextKind | undefined {
  const isPython = path.endsWith(".py");
  if ((!isPython && !templateFile.test(path)) || !isUtf8(content)) return undefined;
  return isPython ? "python" : "template";
}

/** What ruff does not read: the removed variables of templates and of the context. */
export function findVariables(files: readonly TextFile[]): Finding[] {
  return files.flatMap((file) => {
    const kind = textKind(file);
    if (kind === undefined) return [];
    return findRemovedVariables(file.content.toString(), kind).map(
      ({ line, column, kind: rule, name, replacement, fix }): Finding => ({
        file: file.path,
        line,
        column,
        rule,
        message: `\`${name}\` is removed in Airflow 3.0`,
        hint: `Use \`${replacement}\``,
        fix,
      }),
    );
  });
}

/** The files whose variables are replaced, as they are then. */
export function fixVariables(files: readonly TextFile[], unsafe: boolean): TextFile[] {
  return files.flatMap((file) => {
    const kind = textKind(file);
    if (kind === undefined) return [];
    const text = file.content.toString();
    const fixed = replaceVariables(text, { kind, unsafe });
    return fixed === text ? [] : [{ path: file.path, content: Buffer.from(fixed) }];
  });
}

/** All findings in the order of files and lines. One that ruff and dp have is listed once, with its fix. */
export function mergeFindings(
  raw: readonly RawFinding[],
  variables: readonly Finding[],
): Finding[] {
  const ofRuff = raw.map(toFinding);
  const isSame = (one: Finding, other: Finding): boolean =>
    one.file === other.file && one.line === other.line && nameOf(one) === nameOf(other);
  const own = variables.filter(
    (one) => one.fix !== null || !ofRuff.some((other) => isSame(one, other)),
  );
  const rest = ofRuff.filter((one) => !own.some((other) => isSame(one, other)));
  return [...rest, ...own].toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The name that a message begins with. */
function nameOf({ message }: Finding): string | undefined {
  return /^`([^`]+)`/.exec(message)?.[1];
}

/** Rules for what still works in Airflow 3.0: ruff's message reports both, "removed" and "still works". */
const deprecations = new Set(["AIR311", "AIR312"]);

function toFinding({ fix, message, ...finding }: RawFinding): Finding {
  const name = /^`[^`]+`/.exec(message)?.[0];
  const shown =
    deprecations.has(finding.rule) && name !== undefined
      ? `${name} is deprecated in Airflow 3.0`
      : message.replace(/[;\s]+$/, "");
  return { ...finding, message: shown, fix: fix === "display" ? null : fix };
}

export function toFileImport({ file, dags, error }: RawImport): FileImport {
  if (error === null) return { file, dags, error };
  const trouble = readImportError({ file, stackTrace: error, at: 0 });
  const { missingModule, replacement, message } = trouble;
  const hint =
    missingModule === undefined
      ? (replacement ?? hintForDatabase(message))
      : `add the package of "${missingModule}" to airflow.requirements`;
  const place = { file: trouble.file, line: trouble.line ?? null };
  return { file, dags, error: { ...place, message: trouble.message, hint: hint ?? null } };
}

/** The container of the check has no database, only the Variables and Connections of pipeline.yaml. */
function hintForDatabase(message: string): string | undefined {
  const variable = /\bVariable (\S+) (?:not found|does not exist)/.exec(message)?.[1];
  if (variable !== undefined) {
    return `this check has no Variables of Airflow's database: add "${variable}" to airflow.variables`;
  }
  const connection = /The conn_id `([^`]+)` isn't defined/.exec(message)?.[1];
  return connection === undefined
    ? undefined
    : `this check has no Connections of Airflow's database: add "${connection}" to airflow.connections`;
}
