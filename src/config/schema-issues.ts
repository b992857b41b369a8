import type * as z from "zod";
import { formatPath, type Path } from "../stack/path.ts";

/** What the schema finds wrong with a value. */
export interface Issue {
  readonly path: Path;
  readonly message: string;
  readonly input: unknown;
}

/** Leaves out what is wrong until the rest holds: no key is required, so this ends. */
export function checkValues<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { valid: z.output<T>; issues: Issue[] } {
  const issues: Issue[] = [];
  let rest = value;
  for (;;) {
    const result = schema.safeParse(rest, { reportInput: true });
    if (result.success) return { valid: result.data, issues };
    const found = result.error.issues.flatMap((raw) => flatten(raw, []));
    for (const issue of found) issues.push(issue);
    rest = without(
      rest,
      found.map(({ path }) => path),
    );
  }
}

/** The issues of the alternative that was meant: the one whose kind of value fits. */
function flatten(issue: z.core.$ZodIssue, parent: Path): Issue[] {
  const path = [
    ...parent,
    ...issue.path.map((part) => (typeof part === "number" ? part : String(part))),
  ];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || !isWrongKind(inner)),
    );
    if (meant) return meant.flatMap((inner) => flatten(inner, path));
  }
  return [{ path, message: issue.message, input: issue.input }];
}

function isWrongKind(issue: z.core.$ZodIssue): boolean {
  if (issue.code === "invalid_type") return issue.expected !== "int";
  return issue.code === "invalid_value" || issue.code === "invalid_union";
}

/** The value less what stands at the paths. A list goes as a whole, so that the places of its other items stay true. */
export function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return value;
  if (typeof value !== "object" || value === null) return {};
  const inside = new Map<string, Path[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) return {};
    const others = inside.get(String(first));
    if (others) others.push(rest);
    else inside.set(String(first), [rest]);
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const rests = inside.get(key) ?? [];
      const isGone = rests.some(([next]) => next === undefined || typeof next === "number");
      return isGone ? [] : [[key, without(item, rests)]];
    }),
  );
}

/**
 * The issue in words: `"brokers" must be a whole number from 1 to 9, not "many"`; a value that came
 * from a variable is told as it is `written`.
 */
export function messageOf({ path, message, input }: Issue, written?: string): string {
  const key = path.at(-1);
  const subject =
    key === undefined
      ? "the file"
      : typeof key === "number"
        ? `"${formatPath(path.slice(-2))}"`
        : `"${key}"`;
  const value = written === undefined ? describe(input) : `what ${written} is`;
  return `${subject} ${message}, not ${value}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? "nothing";
}

/** What to write instead, where that can be told. */
export function hintOf({ input: value, message }: Issue): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  if (message.startsWith("must be a list")) return `write a list: [${JSON.stringify(value)}]`;
  if (typeof value === "number") return undefined;
  if (/^(no|off|False|FALSE)$/.test(value)) return wordHint("false", message);
  if (/^(yes|on|True|TRUE)$/.test(value)) return wordHint("true", message);
  if (/^\d+$/.test(value)) return numberHint(value, message);
  return /^[\w.-]+:\S/.test(value) && message.startsWith("must be a map")
    ? `write a space after the colon: ${value.replace(":", ": ")}`
    : undefined;
}

/** A word of older YAML, where true or false is a value, or the section may be empty. */
function wordHint(meant: "true" | "false", message: string): string | undefined {
  if (new RegExp(`\\b${meant}\\b`).test(message)) return `write ${meant}`;
  const isSection = meant === "true" && message.includes("nothing (defaults)");
  return isSection ? "write nothing after the colon for defaults" : undefined;
}

function numberHint(value: string, message: string): string | undefined {
  if (message.startsWith("must be a duration")) return `add a unit: ${value}s`;
  if (message.startsWith("must be a size")) return `add a unit: ${value}m`;
  const isNumber = /whole number|a port/.test(message);
  return isNumber ? `write it without quotes: ${value}` : undefined;
}
