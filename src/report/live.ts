import type { Event } from "../model/events.ts";
import type { createLogUpdate } from "log-update";
import { createProgressView, type TerminalSize } from "./progress-view.ts";
import type { Style } from "./style.ts";

export interface LiveProgress {
  emit(event: Event): void;
  /** Takes the moving block away; the lines that were finished stay. Nothing is drawn afterwards. */
  stop(): undefined;
}

type Screen = ReturnType<typeof createLogUpdate>;

/** Redrawn ten times a second, only what changed, so that nothing flickers. */
const REDRAW_MS = 100;

/**
 * Progress on a terminal: finished lines stay, below them a block that moves. The terminal library
 * is loaded with the first event, so that a command without progress does not pay for it.
 */
export function createLiveProgress({
  terminal,
  style,
  verbose,
}: {
  readonly terminal: NodeJS.WriteStream;
  readonly style: Style;
  readonly verbose: boolean;
}): LiveProgress {
  // A terminal without a size says 0.
  const size = (): TerminalSize => ({ columns: terminal.columns || 80, rows: terminal.rows || 24 });
  const view = createProgressView({ style, verbose, size });
  let screen: Screen | undefined;
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let state: "idle" | "running" | "stopped" = "idle";

  const draw = (): void => {
    if (screen === undefined) return;
    if (waiting.length > 0) {
      screen.persist(waiting.join("\n"));
      waiting = [];
    }
    const lines = view.lines(Date.now());
    if (lines.length > 0) screen(lines.join("\n"));
    else screen.clear();
  };

  const start = async (): Promise<void> => {
    const library = await import("log-update");
    if (state === "stopped") return;
    screen = library.createLogUpdate(terminal);
    timer = setInterval(draw, REDRAW_MS);
    timer.unref();
    draw();
  };

  return {
    emit(event) {
      const finished = view.apply(event, Date.now());
      if (state === "stopped") {
        if (finished.length > 0) terminal.write(`${finished.join("\n")}\n`);
        return;
      }
      waiting.push(...finished);
      if (state === "idle") {
        state = "running";
        void start();
      }
      if (finished.length > 0) draw();
    },
    stop() {
      if (state === "stopped") return undefined;
      state = "stopped";
      clearInterval(timer);
      screen?.clear();
      screen?.done();
      if (waiting.length > 0) terminal.write(`${waiting.join("\n")}\n`);
      waiting = [];
      return undefined;
    },
  };
}
