import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The folder of the repository. */
export const root = path.join(import.meta.dirname, "..", "..");

/** A Markdown page with its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** The pages for users: README.md, docs/ and the READMEs of the examples. */
export const pages: readonly Page[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...markdownIn("docs"),
  ...readdirSync(path.join(root, "examples")).flatMap((name) => markdownIn(`examples/${name}`)),
].map((page) => ({ path: page, text: readFileSync(path.join(root, page), "utf8") }));

function markdownIn(folder: string): string[] {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}
