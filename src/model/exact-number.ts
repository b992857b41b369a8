/** A number with other digits than JavaScript's own would have: more of them, or zeros at its end. */
export class ExactNumber {
  /** As JSON has it. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A double holds any so many digits. */
const exactDigits = 15;

/**
 * The number that a text stands for, in the forms of YAML: `7`, `-1.50`, `.5`, `1e3`, `0x1f`. One whose digits
 * JavaScript would change is an ExactNumber. Undefined for any other text, and for a number that no
 * double reaches: Python and Airflow would make infinity of it.
 */
export function parseNumber(text: string): number | ExactNumber | undefined {
  if (/^0(x[\da-f]+|o[0-7]+)$/i.test(text)) return parseNumber(String(BigInt(text)));
  const [, sign, whole = "", fraction = "", exponent = ""] =
    /^([-+]?)(\d*)(?:\.(\d*))?([eE][-+]?\d+)?$/.exec(text) ?? [];
  if (whole === "" && fraction === "") return undefined;
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  const json = `${sign === "-" ? "-" : ""}${digits}${fraction && `.${fraction}`}${exponent}`;
  const number = Number(json);
  if (!Number.isFinite(number)) return undefined;
  const isExact = exponent !== "" && digits.length + fraction.length <= exactDigits;
  return isExact || String(number) === json ? number : new ExactNumber(json);
}
