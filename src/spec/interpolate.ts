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

const forms = "write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a dollar sign";

/**
 * Fills in variables. The grammar is a part of Compose's:
 *
 *     "$$"                  a dollar sign
 *     "${" NAME "}"         the value; unset is a failure
 *     "${" NAME ":-" x "}"  the value, or x when it is unset or empty
 *     "${" NAME ":?" x "}"  the value; unset or empty is a failure with the message x
 *
 * Any other dollar sign stays as it is. References don't nest.
 */
export function interpolate(
  text: string,
  lookup: (name: string) => string | undefined,
): Interpolated {
  const failures: FailedReference[] = [];
  let usesVariables = false;
  const filled = text.replaceAll(/\$\$|\$\{[^}]*\}?/g, (reference) => {
    if (reference === "$$") return "$";
    usesVariables = true;
    const match = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:[-?])([^]*))?\}$/.exec(reference);
    if (!match || match[3]?.includes("${") === true) {
      failures.push({
        kind: "unreadable",
        reference,
        message: `cannot read the variable ${reference}`,
        hint: forms,
      });
      return "";
    }
    const [, name = "", operator, operand = ""] = match;
    const value = lookup(name);
    if (value !== undefined && (operator === undefined || value !== "")) return value;
    if (operator === ":-") return operand;
    failures.push({
      kind: "unset",
      reference,
      message:
        operator === ":?" && operand !== "" ? `${name}: ${operand}` : `variable ${name} is not set`,
      hint: `set it in the environment or in .env beside the file, or write \${${name}:-default}`,
    });
    return "";
  });
  return { text: filled, usesVariables, failures };
}
