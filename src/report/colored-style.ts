import { Chalk, type ChalkInstance } from "chalk";
import { toOwnCodes, type Paint, type Style } from "./style.ts";

/** The 16 colors of every terminal. `chooseStyle` decides whether there are any, so chalk must not. */
const chalk = new Chalk({ level: 1 });

export const coloredStyle: Style = {
  bold: paintWith(chalk.bold),
  dim: paintWith(chalk.dim),
  red: paintWith(chalk.red),
  green: paintWith(chalk.green),
  yellow: paintWith(chalk.yellow),
  cyan: paintWith(chalk.cyan),
};

/**
 * chalk paints a blank once, because each record of a topic is painted with the same codes. The text must not
 * pass chalk either: codes of others inside the text would become dp's own.
 */
function paintWith(color: ChalkInstance): Paint {
  const [on = "", off = ""] = toOwnCodes(color(" ")).split(" ");
  return (text) => (text === "" ? "" : `${on}${text}${off}`);
}
