import type { YAMLError } from "yaml";
import { scheduleWords } from "./cron.ts";
import type { PositionOf, Span } from "./locate.ts";
import type { Problem } from "../stack/problem.ts";

interface Explained {
  readonly message: string;
  readonly hint?: string;
  /** A better place than the one YAML names. */
  readonly span?: Span;
}

/** Errors after which the document still means what it says. */
export function isHarmless(error: YAMLError): boolean {
  return error.code === "TAG_RESOLVE_FAILED";
}

/**
 * Problems for the errors that YAML itself found. One mistake often shows as several errors on its
 * line: only the first of a line is kept.
 */
export function syntaxProblems(input: {
  text: string;
  errors: readonly YAMLError[];
  positionOf: PositionOf;
}): Problem[] {
  const { text, errors, positionOf } = input;
  const seen = new Set<number>();
  return errors.flatMap((error): Problem[] => {
    const { line } = positionOf(error.pos);
    if (seen.has(line)) return [];
    seen.add(line);
    const { message, hint, span = error.pos } = explain(error, text);
    const severity = error.name === "YAMLWarning" ? "warning" : "error";
    return [{ severity, path: [], message, hint, at: positionOf(span) }];
  });
}

/** The traps of YAML, recognised by the line they stand on. */
function explain(error: YAMLError, text: string): Explained {
  const offset = error.pos[0];
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = /^[^\r\n]*/.exec(text.slice(lineStart))?.[0] ?? "";
  const { value, span } = valueOf(line, lineStart);
  const inQuotes = `put the value in quotes: "${value}"`;
  switch (error.code) {
    case "TAB_AS_INDENT":
      return { message: "a tab is used as indentation", hint: "YAML takes spaces only" };
    case "MULTIPLE_DOCS":
      return {
        message: "the file holds more than one document",
        hint: "remove the line with --- and what follows",
      };
    case "BAD_SCALAR_START": {
      const bad = /^[^,}\]]*/.exec(line.slice(offset - lineStart))?.[0].trim() ?? "";
      return {
        message: `a value cannot begin with ${bad[0] ?? "this character"}`,
        hint: scheduleWords.includes(bad.slice(1))
          ? `write ${bad.slice(1)}`
          : `put it in quotes: "${bad}"`,
        span: [offset, offset + bad.length],
      };
    }
    default:
  }
  // The composer calls itself for each level: https://eemeli.org/yaml/#errors
  if (error.message === "Maximum call stack size exceeded") {
    return {
      message: "the file is nested too deeply",
      hint: "remove levels: pipeline.yaml needs fewer than 10",
    };
  }
  const reference = unquotedReference(line);
  if (reference) {
    const start = lineStart + reference.index;
    return {
      message: "a variable without quotes inside { } or [ ]",
      hint: `put it in quotes: "${reference.text}"`,
      span: [start, start + reference.text.length],
    };
  }
  const template = unquotedTemplate(line);
  if (template) {
    const start = lineStart + template.index;
    return {
      message: "{{ }} without quotes inside { } or [ ]",
      hint: `put the whole value in quotes: "… ${template.text} …"`,
      span: [start, start + template.text.length],
    };
  }
  const star = starInBraces(line, offset - lineStart);
  if (star) {
    const start = lineStart + star.index;
    return {
      message: "a value that begins with * names an anchor in YAML",
      hint: `put the value in quotes: "${star.text}"`,
      span: [start, start + star.text.length],
    };
  }
  if (value.startsWith("*")) {
    return { message: "a value that begins with * names an anchor in YAML", hint: inQuotes, span };
  }
  if (error.message.startsWith("Block scalar header")) {
    const message = `a value that begins with ${value[0] ?? ">"} opens a block of text in YAML`;
    return { message, hint: inQuotes, span };
  }
  if (error.code === "MULTILINE_IMPLICIT_KEY" && /^\s*[\w.-]+:\S/.test(line)) {
    return { message: "no space after the colon", hint: `write ${line.trim().replace(":", ": ")}` };
  }
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && /:(\s|$)/.test(value)) {
    return { message: 'a value that holds ": " needs quotes', hint: inQuotes, span };
  }
  if (error.code === "BAD_INDENT" && error.message.startsWith("All mapping")) {
    return {
      message: "this line does not line up with the lines above",
      hint: "keys of one section begin in the same column",
    };
  }
  const quote = /closing (["'])quote/.exec(error.message)?.[1];
  if (quote !== undefined) {
    const start = text.lastIndexOf(quote, offset - 1);
    const lineEnd = text.indexOf("\n", start);
    return {
      message: "a quote is opened here and never closed",
      hint: `end the value with ${quote}`,
      span: [start, lineEnd < 0 ? text.length : lineEnd],
    };
  }
  return { message: `not valid YAML: ${error.message}` };
}

/** What follows `key: ` or `- ` on a line of a block, without its comment. */
function valueOf(line: string, lineStart: number): { value: string; span: Span } {
  const [, before = "", value = ""] =
    /^(\s*(?:- +)?(?:[\w.-]+:\s+)?)(.*?)(?:\s+#.*)?$/.exec(line) ?? [];
  const start = lineStart + before.length;
  return { value: value.trim(), span: [start, start + value.length] };
}

interface Piece {
  readonly text: string;
  readonly index: number;
}

/** The first `${…}` outside quotes on a line where { or [ is open. */
function unquotedReference(line: string): Piece | undefined {
  return unquotedInBraces(line, /\$\{[^}]*\}?/);
}

/** The first `{{ … }}` outside quotes on a line where { or [ is open. */
function unquotedTemplate(line: string): Piece | undefined {
  return unquotedInBraces(line, /\{\{[^{}]*\}\}/);
}

function unquotedInBraces(line: string, form: RegExp): Piece | undefined {
  const bare = line.replaceAll(/"[^"]*"|'[^']*'/g, (quoted) => " ".repeat(quoted.length));
  const match = form.exec(bare);
  if (!match || !/(?:^|[\s:,])[[{]/.test(bare.slice(0, match.index))) return undefined;
  return { text: line.slice(match.index, match.index + match[0].length), index: match.index };
}

/** The value at a column of a line, when it begins with * inside { } or [ ]. */
function starInBraces(line: string, column: number): Piece | undefined {
  const items = line.matchAll(/(?<=[[{,]\s*|[[{,].*:\s+)\*[^,}\]]*/g);
  const item = [...items].find(
    ({ 0: text, index }) => index <= column && column <= index + text.length,
  );
  return item && { text: item[0].trimEnd(), index: item.index };
}
