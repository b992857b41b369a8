import { plainStyle, type Style } from "./style.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface StyleChoice {
  /** False for `--no-color`. */
  readonly color: boolean;
  readonly env: Environment;
  readonly isTerminal: boolean;
}

/**
 * The style of a stream: `--no-color`, then FORCE_COLOR, then NO_COLOR (no-color.org: any value but
 * the empty one), then whether the stream is a terminal that is not dumb. A stream without colors does
 * not load chalk.
 */
export async function chooseStyle(choice: StyleChoice): Promise<Style> {
  return hasColor(choice) ? (await import("./colored-style.ts")).coloredStyle : plainStyle;
}

function hasColor({ color, env, isTerminal }: StyleChoice): boolean {
  if (!color) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return isTerminal && env["TERM"] !== "dumb";
}
