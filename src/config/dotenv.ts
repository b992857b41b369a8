import { interpolate } from "./interpolate.ts";

/**
 * The `.env` of docker compose, so that one file means the same to both. Its grammar, by compose-go's
 * dotenv/parser.go (https://github.com/compose-spec/compose-go/tree/v2.16.1/dotenv):
 *
 *     file       = [BOM] *( blank / comment / assignment / name )
 *     comment    = "#" to the end of the line
 *     assignment = ["export" blanks] name ( "=" / ":" ) blanks value
 *     name       = letters, digits and _ . - [ ]; alone it stands for the environment's own value
 *     value      = "'" text "'"            only \' is an escape
 *                / DQUOTE text DQUOTE      escapes, then variables; both kinds may have several lines
 *                / text                    to the end of the line or to " #"; variables
 *
 * Lines that compose rejects are problems here, too. Values have `$NAME` and the references of pipeline.yaml. An
 * unset variable is a failure: compose warns, and continues with a password that ends at its dollar sign.
 */
/** A line that can't be used. The reason never quotes the line, which may hold a password. */
export interface DotenvProblem {
  /** Counts from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface Dotenv {
  readonly values: ReadonlyMap<string, string>;
  /** By name: why a variable in the value can't be filled in. Such names have no value. */
  readonly unfilled: ReadonlyMap<string, DotenvProblem>;
  /** Lines that are no assignment. */
  readonly problems: readonly DotenvProblem[];
}

const blank = String.raw`[\t\v\f\r \u0085\u00a0]`;
const between = /(?:[\s\u0085]|#[^\n]*)*/y;
const nameBefore = new RegExp(`(?:export${blank}+)?([^=:\n]*)([=:]?)${blank}*`, "y");
const plainValue = /([^\n]*)/y;
const quotedValue = { '"': /"((?:\\[^]|[^"\\])*)"/y, "'": /'((?:\\[^]|[^'\\])*)'/y };
const nameEnd = new RegExp(`${blank}+$`);

/** Reads the text of a `.env`. Variables in values come from `environment`, then from the lines above. */
export function parseDotenv(
  text: string,
  environment: (name: string) => string | undefined,
): Dotenv {
  const values = new Map<string, string>();
  const unfilled = new Map<string, DotenvProblem>();
  const problems: DotenvProblem[] = [];
  const lookup = (name: string): string | undefined => environment(name) ?? values.get(name);
  let at = text.startsWith("\ufeff") ? 1 : 0;
  /** Matches at the current position, and moves behind the match. */
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(text);
    if (match) at = expression.lastIndex;
    return match;
  };
  const skipLine = (): void => {
    take(plainValue);
  };

  for (take(between); at < text.length; take(between)) {
    const start = at;
    const problem = (reason: string): DotenvProblem => ({ line: lineAt(text, start), reason });
    const [, written = "", operator] = take(nameBefore) ?? [];
    const name = written.replace(nameEnd, "");
    const reason = reasonAgainst(name);
    if (reason !== undefined) {
      problems.push(problem(reason));
      skipLine();
      continue;
    }
    if (operator === "") continue;
    const value = takeValue(take, text[at]);
    if (value === undefined) {
      problems.push(problem("its quote is never closed"));
      skipLine();
      continue;
    }
    // Names that begin with a digit can't be used in a reference.
    if (name === "" || /^\d/.test(name)) continue;
    const { text: filled, failure } = fillIn(value, lookup);
    values.delete(name);
    unfilled.delete(name);
    if (failure === undefined) values.set(name, filled);
    else unfilled.set(name, problem(failure));
  }
  return { values, unfilled, problems };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function reasonAgainst(name: string): string | undefined {
  if (/\s/.test(name)) return "a name can't contain a space";
  const [wrong] = /[^\p{L}\p{N}_.[\]-]/u.exec(name) ?? [];
  return wrong === undefined ? undefined : `a name can't contain ${JSON.stringify(wrong)}`;
}

interface WrittenValue {
  readonly text: string;
  /** Whether dollar signs stand for themselves. */
  readonly isLiteral: boolean;
}

/** Undefined for a quote that is never closed. */
function takeValue(
  take: (expression: RegExp) => RegExpExecArray | null,
  first: string | undefined,
): WrittenValue | undefined {
  if (first !== '"' && first !== "'") {
    const [, line = ""] = take(plainValue) ?? [];
    const [text = ""] = line.split(" #", 1);
    return { text: text.trimEnd(), isLiteral: false };
  }
  const quoted = take(quotedValue[first])?.[1];
  if (quoted === undefined) return undefined;
  const text = quoted.replaceAll(/\\([^])/g, (pair, next) => (next === first ? first : pair));
  return first === "'" ? { text, isLiteral: true } : { text: unescape(text), isLiteral: false };
}

function fillIn(
  { text, isLiteral }: WrittenValue,
  lookup: (name: string) => string | undefined,
): { readonly text: string; readonly failure?: string | undefined } {
  if (isLiteral) return { text };
  const { text: filled, failures } = interpolate(text, lookup, "braced and bare");
  const [failure] = failures;
  // The reference is a part of the value, which may be a password.
  const message = failure?.kind === "unreadable" ? "a reference can't be read" : failure?.message;
  return { text: filled, failure: message };
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  // Read again as a reference, where it stands for a dollar sign.
  $: "$$",
};

function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:0(\d{0,3})|([^]))/g,
    (pair: string, octal?: string, letter: string = "") => {
      if (octal === undefined) return escapes[letter] ?? pair;
      const isByte = /^[0-3][0-7]{2}$/.test(octal);
      return isByte ? String.fromCharCode(Number.parseInt(octal, 8)) : `\\${octal}`;
    },
  );
}
