import { DpError } from "../errors.ts";
import type { Emit, Event } from "../model/events.ts";
import { visibleText } from "../safe-text/control-characters.ts";
import { chooseStyle, type Environment } from "./choose-style.ts";
import { renderFailure, renderFailureJson } from "./failure.ts";
import { renderDocument, renderEventJson } from "./json.ts";
import { mapTexts, redactFields } from "./redact-fields.ts";
import { createOutput, type Output } from "./stdout.ts";
import { safeForTerminal, type Style } from "./style.ts";

/** How to render a result as text. */
export interface View {
  readonly style: Style;
  /** The terminal's width; undefined when the result does not go to a terminal: nothing is cut. */
  readonly columns: number | undefined;
}

/** The only way of a command to the user: progress, the result, a failure. */
export interface Report extends View {
  /**
   * Progress: a live view when stderr is a terminal, else a line per transition, nothing when quiet;
   * JSON lines on stdout for a command that streams events.
   */
  readonly emit: Emit;
  /** For results that are too long to hold, such as records. */
  readonly output: Output;
  /** For what a program that dp runs writes to its stderr. */
  errorOutput(): Output;
  /** The result, on stdout: text, one JSON document, or the last line of an event stream. */
  result(
    document: object,
    render: (view: View) => string,
    options?: {
      readonly ok?: boolean;
      /** Prints values as they are: the user asked for them. Only a terminal gets no control characters. */
      readonly verbatim?: boolean;
    },
  ): void;
  /** Masks the secrets that the command has come across: for texts that it writes elsewhere. */
  readonly redact: (text: string) => string;
  /** Ends the live view before a question or other output; later progress is printed as lines. */
  endProgress(): Promise<void>;
  /** The text as it may be printed: secrets masked, control characters visible, dp's own colors kept. */
  safe(text: string): string;
  /** A failure, on stderr: text, or one JSON line. */
  failure(error: unknown): void;
  /**
   * Ends the live view and waits until everything has left the process. Returns DpError `io-failed` when
   * a part of the output could not be written; a reader that has gone is none.
   */
  close(): Promise<DpError | undefined>;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** False for `--no-color`. */
  readonly color: boolean;
  /** With `json`: the command streams its events, the result is the last line. */
  readonly events: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Environment;
  /** Masks the secrets in a text of others. */
  readonly redact: (text: string) => string;
}

/** The report of a command. Loads the colors of the streams that take colors. */
export async function createReport(options: ReportOptions): Promise<Report> {
  const { json, verbose, stdout, stderr, env, redact } = options;
  const streams = json && options.events;
  const output = createOutput(stdout);
  let errorOutput: Output | undefined;
  // What goes wrong with stderr can't be told anywhere.
  stderr.on("error", () => {});
  const style = await chooseStyle({ color: options.color, env, isTerminal: isTerminal(stdout) });
  const errorStyle = await chooseStyle({
    color: options.color,
    env,
    isTerminal: isTerminal(stderr),
  });
  const columns = isTerminal(stdout) ? stdout.columns : undefined;

  const print = (text: string): void => {
    void output.write(text);
  };
  const progress = streams
    ? printEvents(print)
    : loadWhenNeeded(() => createProgress(options, errorStyle));
  let told = Promise.resolve();
  /** Ends the progress, then tells; at once unless the progress is still being loaded. */
  const tell = (say: () => void): void => {
    const stopping = progress.stop();
    if (stopping === undefined) say();
    else told = stopping.then(say);
  };

  const safe = (text: string): string => safeForTerminal(redact(text));

  return {
    emit: (event) => {
      const redacted = redactFields(event, redact);
      progress.emit(streams ? redacted : mapTexts(redacted, visibleText));
    },
    style,
    columns,
    output,
    redact,
    safe,
    endProgress: async () => progress.stop(),
    errorOutput: () => (errorOutput ??= createOutput(stderr)),
    result(document, render, { ok = true, verbatim = false } = {}) {
      tell(() => {
        if (json) {
          const shown = verbatim ? document : redactFields(document, redact);
          if (streams) print(renderEventJson({ type: "result", ok, document: shown }, new Date()));
          else print(renderDocument(shown));
          return;
        }
        const text = render({ style, columns });
        if (!verbatim) print(safe(text));
        else print(columns === undefined ? text : safeForTerminal(text));
      });
    },
    failure(error) {
      tell(() => {
        stderr.write(
          json
            ? renderFailureJson(error, redact)
            : renderFailure(error, {
                style: errorStyle,
                verbose,
                clean: (text) => visibleText(redact(text.replaceAll("\r\n", "\n"))),
                columns: isTerminal(stderr) ? stderr.columns || 80 : undefined,
              }),
        );
      });
    },
    async close() {
      await progress.stop();
      await told;
      await Promise.all([output.flush(), errorOutput?.flush()]);
      output.unwatch();
      const lost = output.failure();
      if (lost) return writeFailed("stdout", lost);
      const errorsLost = errorOutput?.failure();
      return errorsLost && writeFailed("stderr", errorsLost);
    },
  };
}

/** The failure of output that could not be written. */
export function writeFailed(stream: "stdout" | "stderr", error: NodeJS.ErrnoException): DpError {
  const isFull = error.code === "ENOSPC" || error.code === "EDQUOT";
  return new DpError({
    code: "io-failed",
    message: `can't write to ${stream}`,
    why: `the output is incomplete: ${error.message}`,
    next: isFull ? `free disk space, or redirect ${stream} to another disk` : undefined,
    cause: error,
  });
}

interface Progress {
  readonly emit: Emit;
  /** Ends what moves; a promise when it has to be waited for. */
  stop(): Promise<void> | undefined;
}

function printEvents(print: (text: string) => void): Progress {
  return { emit: (event) => print(renderEventJson(event, new Date())), stop: () => undefined };
}

/** Loads with the first event: a command without progress does not pay for it. */
function loadWhenNeeded(load: () => Promise<Progress>): Progress {
  let loaded: Progress | undefined;
  let loading: Promise<void> | undefined;
  const queue: Event[] = [];
  const start = async (): Promise<void> => {
    loaded = await load();
    for (const event of queue) loaded.emit(event);
  };
  return {
    emit(event) {
      if (loaded !== undefined) return loaded.emit(event);
      queue.push(event);
      loading ??= start();
    },
    stop() {
      return loaded === undefined ? loading?.then(() => loaded?.stop()) : loaded.stop();
    },
  };
}

async function createProgress(
  { quiet, verbose, stderr, env }: ReportOptions,
  style: Style,
): Promise<Progress> {
  const stop = (): undefined => undefined;
  if (quiet) return { emit: () => {}, stop };
  if (isTerminal(stderr) && env["TERM"] !== "dumb" && !isCi(env)) {
    const { createLiveProgress } = await import("./live.ts");
    return createLiveProgress({ terminal: stderr, style, verbose });
  }
  const { createPlainProgress } = await import("./plain.ts");
  const write = (text: string): void => {
    stderr.write(text);
  };
  return { emit: createPlainProgress({ write, style, verbose }), stop };
}

/** `CI` is set to anything but false by every common CI system. */
function isCi(env: Environment): boolean {
  const value = env["CI"] ?? "";
  return value !== "" && value !== "false" && value !== "0";
}

/** `isTTY` is missing, not false, on a stream that is no terminal. */
function isTerminal(stream: NodeJS.WriteStream): boolean {
  return (stream as { readonly isTTY?: boolean }).isTTY === true;
}
