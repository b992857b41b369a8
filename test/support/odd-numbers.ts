/** Texts that are no number of any meaning. */
const never = ["99999999999999999999", "1e999", "", "٣", "NaN"];

const odd = [
  "0",
  "-1",
  "1e9",
  "0.0000001",
  "2147483647",
  "2147483648",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "9223372036854775808",
  ...never,
];

/** Texts that are no number of any meaning, alone and with the units. */
export function neverNumbers(units: readonly string[]): string[] {
  return withUnits(never, units);
}

/** These and the numbers at the ends of what the types of programs hold. */
export function oddNumbers(units: readonly string[]): string[] {
  return withUnits(odd, units);
}

function withUnits(texts: readonly string[], units: readonly string[]): string[] {
  return ["", ...units].flatMap((unit) => texts.map((text) => `${text}${unit}`));
}
