import { convertText, type Context } from "./context.ts";
import { isLiteral } from "./secrets.ts";
import { textOf, textsOf, type Tree } from "./tree.ts";
import type { WrittenText } from "./values.ts";

const secretOption = /^--?[\w-]*(password|requirepass|passwd|secret|token|api-?key)$/i;

/** A command, as a text or as a list of words. Passwords behind or in an option become references. */
export function convertCommand(
  tree: Tree,
  { context, note }: { context: Context; note: Omit<WrittenText, "text"> },
): string | string[] {
  const text = textOf(tree);
  if (text !== undefined) return convertText(context, { ...note, text });
  const words = textsOf(tree);
  const isMysql = words.some((word) => word.startsWith("mysql"));
  const name = (note.service ?? "").toUpperCase().replaceAll(/\W/g, "_");
  const convertSecret = (secret: string): string =>
    context.values.convertSecret({ ...note, variable: `${name}_SECRET`, text: secret });
  return words.map((word, index) => {
    if (secretOption.test(words[index - 1] ?? "")) return convertSecret(word);
    // The short form of MySQL's clients has no blank: -psecret.
    const [, password] = isMysql ? (/^-p(.+)$/.exec(word) ?? []) : [];
    if (password !== undefined && isLiteral(password)) return `-p${convertSecret(password)}`;
    return convertText(context, { ...note, text: word });
  });
}
