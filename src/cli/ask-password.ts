import { DpError } from "../errors.ts";
import { visibleText } from "../safe-text/control-characters.ts";

/** Asks for a user's password on the terminal. Throws DpError `interrupted` for Ctrl-C and Esc. */
export async function askPassword(
  user: string,
  { output }: { readonly output: NodeJS.WriteStream },
): Promise<string> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.password({ message: `Password of ${visibleText(user)}`, output });
  if (!prompts.isCancel(answer)) return answer;
  throw new DpError({ code: "interrupted", message: "interrupted" });
}
