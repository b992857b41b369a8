/** A reference that has no value, or that can't be read. */
export interface FailedReference {
  readonly kind: "unset" | "unreadable";
  /** The reference as written, e.g. `${PORT}`. */
  readonly reference: string;
  readonly message: string;
  readonly hint: string;
}

export interface Interpolated {
  readonly text: string;
  /** Whether any reference to a variable stood in the text. */
  readonly usesVariables: boolean;
  readonly failures: readonly FailedReference[];
}

type Lookup = (name: string) => string | undefined;

const forms = "write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a dollar sign";

/**
 * Fills in variables. The grammar is Compose's, by compose-go's template/template.go
 * (https://github.com/compose-spec/compose-go/tree/v2.16.1/template):
 *
 *     "$$"                  a dollar sign
 *     "${" NAME "}"         the value; unset is a failure
 *     "${" NAME ":-" x "}"  the value, or x when it is unset or empty; with "-" when it is unset
 *     "${" NAME ":+" x "}"  x when the value is set and not empty, else nothing; with "+" when it is set
 *     "${" NAME ":?" x "}"  the value; unset or empty is a failure with the message x; with "?" unset
 *     "$" NAME              the value, where `names` includes bare ones
 *
 * x stands on one line; variables in it are filled in when x is taken. Any other dollar sign stays as it
 * is. That an unset variable is a failure is dp's own: Compose warns, and takes an empty text.
 */
export function interpolate(
  text: string,
  lookup: Lookup,
  names: "braced" | "braced and bare" = "braced",
): Interpolated {
  const failures: FailedReference[] = [];
  let usesVariables = false;
  const dollar = names === "braced" ? /\$[${]/g : /\$(?:[${]|[A-Za-z_]\w*)/g;

  const fillIn = (part: string): string => {
    let filled = "";
    let at = 0;
    for (const { 0: found, index } of part.matchAll(dollar)) {
      // Inside a reference that was filled in as a whole.
      if (index < at) continue;
      const reference = found === "${" ? readReference(part, index) : toReference(found);
      filled += part.slice(at, index) + valueOf(reference);
      at = index + reference.written.length;
    }
    return filled + part.slice(at);
  };

  const valueOf = (reference: Reference): string => {
    if (reference.kind === "dollar") return "$";
    usesVariables = true;
    if (reference.kind === "unreadable") {
      const { written } = reference;
      const message = `cannot read the variable ${written}`;
      failures.push({ kind: "unreadable", reference: written, message, hint: forms });
      return "";
    }
    const { name, operator, operand } = reference;
    const value = lookup(name);
    const isThere = value !== undefined && (value !== "" || !operator.startsWith(":"));
    if (operator.endsWith("+")) return isThere ? fillIn(operand) : "";
    if (isThere) return value;
    if (operator.endsWith("-")) return fillIn(operand);
    failures.push({
      kind: "unset",
      reference: reference.written,
      message: operand === "" ? `variable ${name} is not set` : `${name}: ${fillIn(operand)}`,
      hint: `set it in the environment or in .env beside the file, or write \${${name}:-default}`,
    });
    return "";
  };

  return { text: fillIn(text), usesVariables, failures };
}

type Reference = { readonly written: string } & (
  | { readonly kind: "dollar" }
  | { readonly kind: "unreadable" }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** Empty where nothing follows the name. */
      readonly operator: string;
      readonly operand: string;
    }
);

/** `$$` or `$NAME`. */
function toReference(written: string): Reference {
  if (written === "$$") return { kind: "dollar", written };
  return { kind: "variable", written, name: written.slice(1), operator: "", operand: "" };
}

/** The reference in braces that begins at a place. */
function readReference(text: string, start: number): Reference {
  const beginning = /\$\{([A-Za-z_]\w*)(:?[-+?]|(?=\}))/y;
  beginning.lastIndex = start;
  const [, name = "", operator = ""] = beginning.exec(text) ?? [];
  const end = name === "" ? -1 : closingBrace(text, start);
  if (end < 0) {
    const [written = ""] = /^\$\{[^}]*\}?/.exec(text.slice(start)) ?? [];
    return { kind: "unreadable", written };
  }
  const written = text.slice(start, end + 1);
  const operand = written.slice("${".length + name.length + operator.length, -1);
  return { kind: "variable", written, name, operator, operand };
}

/**
 * Where a reference ends, as compose-go finds it: at the brace that closes its own, each brace inside it
 * counted but for one right behind an opening one; else at the last one of the line. -1 without any.
 */
function closingBrace(text: string, start: number): number {
  const [line = ""] = text.slice(start).split("\n", 1);
  let open = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === "}" && --open === 0) return start + at;
    if (line[at] === "{") {
      open++;
      at++;
    }
  }
  const last = line.lastIndexOf("}");
  return last < 0 ? -1 : start + last;
}
