import { visibleText } from "../safe-text/control-characters.ts";

/** Colours of one output stream; the plain one returns its text unchanged. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

type Paint = (text: string) => string;

export type Environment = Readonly<Record<string, string | undefined>>;

const same: Paint = (text) => text;

/**
 * SGR codes of ECMA-48: what switches an attribute on, and what switches only that one off again. Written
 * with three digits, as no other program does: so dp's own codes can be told from those of other texts.
 */
const paint =
  (on: number, off: number): Paint =>
  (text) =>
    text === "" ? "" : `${ownCode(on)}${text}${ownCode(off)}`;

function ownCode(attribute: number): string {
  return `\u001B[${String(attribute).padStart(3, "0")}m`;
}

/** Ends every colour. */
export const resetCode = ownCode(0);

/** The text with control characters made visible, but for line ends, tabs and dp's own colours. */
export function safeForTerminal(text: string): string {
  const parts = text.replaceAll("\r\n", "\n").split(/(\u001B\[0\d\dm)/);
  // The parts in between are the codes.
  return parts.map((part, index) => (index % 2 === 0 ? visibleText(part) : part)).join("");
}

export const plainStyle: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};

/** Written by hand: a colour library costs more of the start-up than these six codes. */
export const colouredStyle: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
};

export interface StyleChoice {
  /** False for `--no-color`. */
  readonly color: boolean;
  readonly env: Environment;
  readonly isTerminal: boolean;
}

/**
 * The style of a stream: `--no-color`, then FORCE_COLOR, then NO_COLOR (no-color.org: any value but
 * the empty one), then whether the stream is a terminal that is not dumb.
 */
export function chooseStyle({ color, env, isTerminal }: StyleChoice): Style {
  return wantsColour({ color, env, isTerminal }) ? colouredStyle : plainStyle;
}

function wantsColour({ color, env, isTerminal }: StyleChoice): boolean {
  if (!color) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return isTerminal && env["TERM"] !== "dumb";
}
