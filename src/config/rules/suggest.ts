import { nearest } from "../../stack/nearest.ts";

/** More names than a person reads. */
const mostListed = 20;

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
  if (known.length === 0) return otherwise;
  const more = known.length > mostListed ? ", …" : "";
  return `${what}: ${known.slice(0, mostListed).join(", ")}${more}; ${otherwise}`;
}
