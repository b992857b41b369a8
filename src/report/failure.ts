import { DpError, messageOf, type SourcePosition } from "../errors.ts";
import { renderJsonLine } from "./json.ts";
import { redactFields } from "./redact-fields.ts";
import type { Style } from "./style.ts";
import { wrapWords } from "./width.ts";

const LABEL_WIDTH = 10;
const INDENT = LABEL_WIDTH + 2;
/** Narrower than this, a terminal wraps by itself. */
const MIN_COLUMNS = 20;

export interface FailureView {
  readonly style: Style;
  readonly verbose: boolean;
  /** Makes a text of the failure one that may be printed. */
  readonly clean: (text: string) => string;
  /** Width of the terminal: prose is wrapped at words. Undefined where nothing is wrapped. */
  readonly columns: number | undefined;
}

/**
 * A failure as text: what failed, why, the evidence, what to do next. What is not a DpError is a
 * fault of dp itself and says so, with the stack when `verbose`.
 */
export function renderFailure(error: unknown, view: FailureView): string {
  const { style, verbose, clean, columns = Number.POSITIVE_INFINITY } = view;
  const failure = redactFields(describeFailure(error), clean);
  const wrap = (text: string, indent: number): string[] =>
    wrapWords(text, Math.max(MIN_COLUMNS, columns - indent)).split("\n");
  const head = `${style.red(style.bold("error:"))} ${failure.message}`;
  const lines = wrap(head, 0);
  const add = (label: string, texts: readonly string[]): void => {
    texts.forEach((text, index) => {
      const head = index === 0 ? style.dim(label.padEnd(LABEL_WIDTH)) : " ".repeat(LABEL_WIDTH);
      lines.push(`  ${head}${text}`.trimEnd());
    });
  };
  const { at } = failure;
  if (at !== null) add("at", [`${at.file}:${at.line}:${at.column}`]);
  if (failure.why !== null) add("why", wrap(failure.why, INDENT));
  add(
    "evidence",
    failure.evidence.flatMap((text) => wrap(text, INDENT)),
  );
  // A command is copied as one line.
  if (failure.next !== null) add("next", failure.next.split("\n"));
  if (verbose) add("stack", stackLines(error).map(clean));
  return `${lines.join("\n")}\n`;
}

/** A failure as the one JSON line of contracts (JSON: Errors), its texts redacted; what is unknown is null. */
export function renderFailureJson(error: unknown, redact: (text: string) => string): string {
  return renderJsonLine({ error: redactFields(describeFailure(error), redact) });
}

/** A failure as JSON has it (contracts, JSON: Errors); what is unknown is null. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly evidence: readonly string[];
  readonly next: string | null;
  readonly at: SourcePosition | null;
}

/** A failure as its parts; what is not a DpError is a fault of dp itself. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof DpError) {
    const { code, message, why, evidence, next, at } = error;
    return { code, message, why: why ?? null, evidence, next: next ?? null, at: at ?? null };
  }
  return {
    code: "internal",
    message: "dp itself failed; this is no mistake of yours",
    why: nameAndMessage(error),
    evidence: [],
    next: "run the command again with --verbose and report what it prints",
    at: null,
  };
}

/** The stack of the error and of what caused it, without the lines that repeat the message. */
function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const lines = (error.stack ?? "").split("\n").map((line) => line.trimStart());
  const frames = lines.filter((line) => line.startsWith("at "));
  if (error.cause === undefined) return frames;
  return [...frames, `caused by ${nameAndMessage(error.cause)}`, ...stackLines(error.cause)];
}

function nameAndMessage(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : messageOf(thrown);
}
