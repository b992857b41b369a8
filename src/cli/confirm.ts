import { DpError } from "../errors.ts";
import { visibleText } from "../safe-text/control-characters.ts";
import type { Host } from "../app/request.ts";

export interface Question {
  /** Ends with a question mark; may have several lines. */
  readonly message: string;
  /** What can't be done without an answer, as the failure without a terminal names it. */
  readonly what: string;
  /** The command that needs no answer. */
  readonly command: string;
}

/** Asks on the terminal; `cancelled` is Ctrl-C or Esc. Throws DpError `usage` when there is none. */
export async function confirm(
  { stdin, stderr }: Host,
  { message, what, command }: Question,
): Promise<"yes" | "no" | "cancelled"> {
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new DpError({
      code: "usage",
      message: `${what} needs consent`,
      why: "there is no terminal to ask on",
      next: command,
    });
  }
  const prompts = await import("@clack/prompts");
  const shown = visibleText(message);
  const answer = await prompts.confirm({ message: shown, initialValue: false, output: stderr });
  if (prompts.isCancel(answer)) return "cancelled";
  return answer ? "yes" : "no";
}
