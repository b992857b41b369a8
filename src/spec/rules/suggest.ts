import { nearest } from "../../stack/nearest.ts";

/** A hint for a name that is not among those that are known. */
export function suggest(input: {
  readonly name: string;
  readonly known: readonly string[];
  /** What `known` are, as in "stores". */
  readonly what: string;
  /** What to do when there is none. */
  readonly otherwise: string;
}): string {
  const { name, known, what, otherwise } = input;
  const guess = nearest(name, known);
  if (guess !== undefined) return `did you mean "${guess}"?`;
  return known.length === 0 ? otherwise : `${what}: ${known.join(", ")}; ${otherwise}`;
}
