import { ExactNumber } from "../model/exact-number.ts";

/**
 * JSON of plain values as `JSON.stringify` writes it, with all digits of exact numbers. `space` goes
 * before each level, on a line of its own.
 */
export function exactJson(value: unknown, space = ""): string {
  return write(value, { space, outer: space === "" ? "" : "\n" });
}

interface Layout {
  readonly space: string;
  /** What stands between the end of a map or list and its last member. */
  readonly outer: string;
}

function write(value: unknown, { space, outer }: Layout): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inside = { space, outer: outer + space };
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item ?? null, inside));
    return items.length === 0 ? "[]" : `[${join(items, inside)}${outer}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const blank = space === "" ? "" : " ";
      return `${JSON.stringify(name)}:${blank}${write(member, inside)}`;
    });
  return members.length === 0 ? "{}" : `{${join(members, inside)}${outer}}`;
}

function join(parts: readonly string[], { outer }: Layout): string {
  return outer + parts.join(`,${outer}`);
}
