import type { Emit, Event } from "../model/events.ts";
import { formatDuration } from "./format.ts";
import { countedProgressText, stepVerb, withCountdown } from "./step-text.ts";
import type { Style } from "./style.ts";
import { pad } from "./width.ts";

const VERB_WIDTH = "removed network".length;
const TARGET_WIDTH = 14;
/** A step announced with its cause is mentioned again only when it took at least this long. */
const WORTH_MENTIONING_MS = 1000;
/** What a step is busy with is told only when it has lasted, and not more often than this. */
const PROGRESS_EVERY_MS = 2000;

/**
 * Progress as one line per transition, for logs and pipes. A step with a cause is told when it
 * starts (so that a long build is announced), any other when it is done. Of progress, every counted
 * step and every countdown's begin is told, other texts when they change and not too often; log lines
 * of the user's own code always, others only when `verbose`.
 */
export function createPlainProgress({
  write,
  style,
  verbose,
  now = Date.now,
}: {
  readonly write: (text: string) => void;
  readonly style: Style;
  readonly verbose: boolean;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}): Emit {
  const announced = new Set<string>();
  /** What was told of a target last, and when; its start counts. */
  const lastProgress = new Map<string, { readonly text: string; readonly at: number }>();

  const line = (verb: string, target: string, rest = ""): void => {
    write(`${`${pad(verb, VERB_WIDTH)} ${pad(target, TARGET_WIDTH)}  ${rest}`.trimEnd()}\n`);
  };

  const step = (event: Extract<Event, { type: "step" }>): void => {
    const verb = stepVerb(event.action, event.state);
    const cause = event.cause === undefined || event.cause === "" ? "" : `(${event.cause})`;
    if (event.state === "start") {
      lastProgress.set(event.target, { text: "", at: now() });
      if (cause === "") return;
      announced.add(event.id);
      line(verb, event.target, style.dim(cause));
      return;
    }
    const duration = event.durationMs;
    if (
      event.state === "done" &&
      announced.has(event.id) &&
      (duration ?? 0) < WORTH_MENTIONING_MS
    ) {
      return;
    }
    const rest = [
      // What takes no time was done together with others: its time is theirs.
      duration === undefined || duration < 1 ? "" : formatDuration(duration),
      announced.has(event.id) ? "" : style.dim(cause),
    ];
    const paint = paints(style)[event.state];
    line(paint(verb), event.target, rest.filter((text) => text !== "").join("  "));
  };

  const progress = (event: Extract<Event, { type: "progress" }>): void => {
    const { target } = event;
    const text = countedProgressText(event);
    const last = lastProgress.get(target);
    if (last?.text === text) return;
    const isWorthIt = text !== event.text || event.until !== undefined;
    if (!isWorthIt && last !== undefined && now() - last.at < PROGRESS_EVERY_MS) return;
    lastProgress.set(target, { text, at: now() });
    line("", target, withCountdown(text, event.until, now()));
  };

  return (event) => {
    switch (event.type) {
      case "plan":
        if (event.text.trim() !== "") write(`${event.text.trimEnd()}\n`);
        break;
      case "phase":
        if (event.state === "done") {
          const { durationMs } = event;
          line(
            "phase",
            event.phase,
            durationMs === undefined ? "done" : formatDuration(durationMs),
          );
        }
        break;
      case "step":
        step(event);
        break;
      case "progress":
        progress(event);
        break;
      case "log":
        if (event.own === true) write(`${ownLogText(event, style)}\n`);
        else if (verbose) write(style.dim(`${event.target} | ${event.line}`).trimEnd() + "\n");
        break;
      case "note":
        write(`${noteText(event, style)}\n`);
        break;
      case "result":
        break;
    }
  };
}

function paints(style: Style) {
  return { done: style.green, failed: style.red, canceled: style.dim } as const;
}

/** A line that the user's own code wrote, with the step that ran it. */
export function ownLogText(log: Extract<Event, { type: "log" }>, style: Style): string {
  return `${style.cyan(`${log.target} |`)} ${log.line}`.trimEnd();
}

/** `note: …` or `warning: …` */
export function noteText(note: Extract<Event, { type: "note" }>, style: Style): string {
  return note.level === "warning"
    ? `${style.yellow("warning:")} ${note.text}`
    : `${style.cyan("note:")} ${note.text}`;
}
