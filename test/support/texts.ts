import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

const root = join(import.meta.dirname, "..", "..");

/** A text of the repository and the line that it begins in. */
export interface Text {
  /** From the root. */
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

const scripts = new Set([".ts", ".js", ".mjs"]);
/** Files that are mostly prose and names: they are read whole, line by line. */
const plain = new Set([".md", ".py", ".sh", ".yaml", ".sql", ".toml", ""]);

/**
 * What people read in the files below a folder: comments, strings, and titles of tests in JavaScript and TypeScript,
 * and all lines of Markdown, Python, shell scripts, YAML, SQL, and Dockerfiles. Throws Error for wrong syntax.
 */
export function readTexts(folder: string): Text[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .flatMap(textsOf);
}

function textsOf(path: string): Text[] {
  const extension = extname(path);
  const isScript = scripts.has(extension);
  if (!isScript && !plain.has(extension)) return [];
  const content = readFileSync(join(root, path), "utf8");
  if (isScript) return textsOfScript(path, content);
  return content.split("\n").map((text, index) => ({ path, line: index + 1, text }));
}

function textsOfScript(path: string, content: string): Text[] {
  const { program, comments, errors } = parseSync(path, content);
  const [error] = errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  const found: { start: number; text: string }[] = [];
  const specifiers = new Set<number>();
  const skip = ({ source }: { readonly source: { readonly start: number } | null }): void => {
    if (source) specifiers.add(source.start);
  };
  // A comment that is wrapped is one text.
  for (const { start, value } of comments) {
    found.push({ start, text: value.replaceAll(/\s*\n\s*\*?\s*/g, " ") });
  }
  new Visitor({
    ImportDeclaration: skip,
    ExportNamedDeclaration: skip,
    ExportAllDeclaration: skip,
    ImportExpression: skip,
    Literal: ({ start, value }) => {
      if (typeof value === "string" && !specifiers.has(start)) found.push({ start, text: value });
    },
    TemplateElement: ({ start, value }) => void found.push({ start, text: value.raw }),
  }).visit(program);
  return found.map(({ start, text }) => ({
    path,
    line: content.slice(0, start).split("\n").length,
    text,
  }));
}
