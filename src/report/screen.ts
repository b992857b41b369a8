import { cutToWidth } from "./width.ts";

/** A part of the terminal that is drawn anew in place. */
export interface Screen {
  /** Replaces what was drawn; what does not fit is cut at the bottom and on the right. */
  draw(text: string): void;
  /** Leaves what was drawn last as it is. */
  end(): void;
}

/** Loads the terminal library: only a command that redraws pays for it. */
export async function openScreen(terminal: NodeJS.WriteStream): Promise<Screen> {
  const { createLogUpdate } = await import("log-update");
  const update = createLogUpdate(terminal);
  return {
    draw(text) {
      const lines = text.trimEnd().split("\n");
      update(fitLines(lines, { columns: terminal.columns || 80, rows: terminal.rows || 24 }));
    },
    end: () => update.done(),
  };
}

/** The lines that fit, with a last one that tells how many do not. Pure. */
export function fitLines(
  lines: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  // The last column and row stay free: some terminals wrap or scroll when they are written.
  const room = Math.max(1, rows - 1);
  const shown = lines.length <= room ? lines : lines.slice(0, room - 1);
  const more = lines.length - shown.length;
  const all = more === 0 ? shown : [...shown, `… ${more} more lines`];
  return all.map((line) => cutToWidth(line, Math.max(1, columns - 1))).join("\n");
}
