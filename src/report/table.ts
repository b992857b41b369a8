import { plainStyle, safeForTerminal, type Style } from "./style.ts";
import { cutToWidth, pad, visibleWidth } from "./width.ts";

export interface Column {
  /** Shown in upper case, spaces as `-`. */
  readonly header: string;
  /** Numbers stand on the right. */
  readonly align?: "left" | "right";
  /** Gives way first when the terminal is too narrow; without any mark it is the last column. */
  readonly shrink?: boolean;
}

/** What is missing (undefined, null, empty) reads `-`: not applicable. */
export type Cell = string | number | null | undefined;

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The terminal's width; undefined when the output is not a terminal: nothing is cut then. */
  readonly width?: number | undefined;
  readonly style?: Style;
}

const GAP = "  ";
/** A column gives way down to this many characters before the next one has to. */
const NARROWEST = 8;

/** The table as lines, each ended by a line feed, without blanks at the end of a line. */
export function renderTable({ columns, rows, width, style = plainStyle }: Table): string {
  const headers = columns.map((column) => column.header.toUpperCase().replaceAll(" ", "-"));
  const cells = rows.map((row) => columns.map((_, index) => cellText(row[index])));
  const natural = headers.map((header, index) =>
    Math.max(visibleWidth(header), ...cells.map((row) => visibleWidth(row[index] ?? ""))),
  );
  const widths = width === undefined ? natural : fitWidths({ natural, columns, width });
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const columnWidth = widths[index] ?? 0;
        return pad(cutToWidth(text, columnWidth), columnWidth, columns[index]?.align);
      })
      .join(GAP)
      .trimEnd();
  const all = [style.bold(line(headers)), ...cells.map(line)];
  return all.map((text) => `${cutLine(text, width)}\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === undefined || cell === null || cell === "") return "-";
  // A cell is one line.
  return safeForTerminal(String(cell)).replaceAll(/[\t\n]+/g, " ");
}

/** Takes what is too much from the columns marked `shrink` (else the last one), then from the widest. */
function fitWidths(fit: {
  readonly natural: readonly number[];
  readonly columns: readonly Column[];
  readonly width: number;
}): number[] {
  const widths = [...fit.natural];
  const last = widths.length - 1;
  const marked = widths.map((_, index) => index).filter((index) => fit.columns[index]?.shrink);
  const first = marked.length > 0 ? marked : [last];
  const others = widths
    .map((_, index) => index)
    .filter((index) => !first.includes(index))
    .toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * last) - fit.width;
  for (const index of [...first, ...others]) {
    if (excess <= 0) break;
    const current = widths[index] ?? 0;
    const given = Math.min(excess, Math.max(0, current - NARROWEST));
    widths[index] = current - given;
    excess -= given;
  }
  return widths;
}

function cutLine(text: string, width: number | undefined): string {
  return width === undefined ? text : cutToWidth(text, width);
}
