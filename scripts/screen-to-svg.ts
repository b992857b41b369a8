import { visibleWidth } from "../src/report/width.ts";

/** A run of characters with one look. */
interface Span {
  readonly text: string;
  readonly classes: string;
}

/** The SGR codes that dp writes (ECMA-48), as classes of the picture. */
const classes: Readonly<Record<string, string>> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "36": "cyan",
};

const cellWidth = 8.4;
const lineHeight = 20;
const padding = 18;

/** Renders lines with SGR codes as a picture of a terminal. Pure. */
export function renderScreen(screen: {
  readonly lines: readonly string[];
  readonly columns: number;
  /** The text for readers who don't see the picture. */
  readonly title: string;
}): string {
  const { lines, columns, title } = screen;
  const width = Math.ceil(columns * cellWidth + 2 * padding);
  const height = lines.length * lineHeight + 2 * padding;
  const texts = lines.map((line, index) => renderLine(line, padding + (index + 0.75) * lineHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${title}</title>
<style>
rect { fill: #16181d; }
text { fill: #d7dae0; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.bold { font-weight: bold; }
.dim { fill: #8b919d; }
.red { fill: #f07178; }
.green { fill: #8ccf7e; }
.yellow { fill: #e5c76b; }
.cyan { fill: #67cbe7; }
</style>
<rect width="${width}" height="${height}" rx="10"/>
${texts.filter((text) => text !== "").join("\n")}
</svg>
`;
}

/** Each span has its own position, so that columns line up in every font. */
function renderLine(line: string, y: number): string {
  let column = 0;
  const spans = spansOf(line).map(({ text, classes: look }) => {
    const x = (padding + column * cellWidth).toFixed(1);
    const cells = visibleWidth(text);
    const length = (cells * cellWidth).toFixed(1);
    column += cells;
    if (text.trim() === "") return "";
    const attributes = `x="${x}" y="${y}" textLength="${length}"${look === "" ? "" : ` class="${look}"`}`;
    return `<text ${attributes}>${escape(text)}</text>`;
  });
  return spans.join("");
}

function spansOf(line: string): Span[] {
  const active = new Set<string>();
  // oxlint-disable-next-line no-control-regex -- the codes begin with ESC
  return line.split(/(\u001B\[[\d;]*m)/).flatMap((part, index) => {
    if (index % 2 === 1) {
      for (const code of part.slice(2, -1).split(";")) applyCode(code, active);
      return [];
    }
    return part === "" ? [] : [{ text: part, classes: [...active].join(" ") }];
  });
}

function applyCode(code: string, active: Set<string>): void {
  const look = classes[String(Number(code))];
  if (look !== undefined) {
    active.add(look);
    return;
  }
  switch (Number(code)) {
    case 22:
      active.delete("bold");
      active.delete("dim");
      return;
    case 39:
      for (const color of ["red", "green", "yellow", "cyan"]) active.delete(color);
      return;
    default:
      active.clear();
  }
}

/** Blanks become no-break spaces: SVG collapses the others. */
function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(" ", "\u00A0");
}
