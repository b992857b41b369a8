import { join } from "node:path";
import { avoidedTerms } from "./avoided-words.ts";
import { readTexts, type Text } from "./texts.ts";

/** How often the avoided terms may be found, by folder; a folder that is missing may have none. */
export const countsFile = join(import.meta.dirname, "..", "fixtures", "avoided-words.json");

const folders = ["src", "templates", "test", "bench", "scripts", "examples", "docs"];

/** Terms that are right where they are, and why. */
const exceptions: readonly (readonly [term: RegExp, reason: string])[] = [
  [/\bdouble precision\b/gi, "PostgreSQL's name of the type"],
  [/\bdouble quotes?\b/gi, "the name of the character"],
  [/\b(?:user|owner|chown|USER|setpriv\S*|as) ["'`]?nobody\b/g, "Debian's user without rights"],
];

/** Files that list the terms. */
const lists = ["test/support/avoided-words.ts", "test/support/word-counts.ts"];

export interface Finding {
  /** The folder that it counts for, e.g. `src/docker`. */
  readonly folder: string;
  /** `PATH:LINE`. */
  readonly at: string;
  readonly term: string;
  readonly instead: string;
}

/** Every avoided term in the texts of the repository, see readTexts. */
export function findAvoidedTerms(): Finding[] {
  return folders.flatMap((folder) => readTexts(folder).flatMap(findingsIn));
}

/** Folder → how many avoided terms its texts have, sorted by folder. */
export function countByFolder(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { folder } of findings) counts[folder] = (counts[folder] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function findingsIn({ path, line, text }: Text): Finding[] {
  if (lists.includes(path)) return [];
  const prose = exceptions.reduce((rest, [term]) => rest.replaceAll(term, ""), text);
  return avoidedTerms.flatMap(([words, instead]) =>
    [...prose.matchAll(new RegExp(words.source, "gi"))].map(([term]) => ({
      folder: folderOf(path),
      at: `${path}:${line}`,
      term,
      instead,
    })),
  );
}

function folderOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" || top === "test" ? `${top}/${second}` : top;
}
