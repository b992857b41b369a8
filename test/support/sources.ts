import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync, Visitor, type Comment, type Expression } from "oxc-parser";

const root = join(import.meta.dirname, "..", "..");

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  /** True for types alone: nothing is loaded. */
  readonly typesOnly: boolean;
  /** True for `import()`, which loads when it is called. */
  readonly lazy: boolean;
}

/** An import of a file of this project. */
export interface LocalImport extends Import {
  readonly from: string;
  /** From the root, with `/`. */
  readonly to: string;
}

/** All TypeScript files below a folder of this project. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, ...readSource(path, text) };
    });
}

/** Reads what a file imports, requires, or exports from others, types included. Throws Error for wrong syntax. */
export function readSource(path: string, text: string): Pick<SourceFile, "code" | "imports"> {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  const imports: Import[] = [];
  const add = (source: Expression | null, kind: Omit<Import, "specifier">): void => {
    if (source === null) return;
    if (source.type !== "Literal" || typeof source.value !== "string") {
      throw new Error(`${path}: an import() must name its file`);
    }
    imports.push({ specifier: source.value, ...kind });
  };
  new Visitor({
    ImportDeclaration: ({ source, importKind }) =>
      add(source, { typesOnly: importKind === "type", lazy: false }),
    ExportNamedDeclaration: ({ source, exportKind }) =>
      add(source, { typesOnly: exportKind === "type", lazy: false }),
    ExportAllDeclaration: ({ source, exportKind }) =>
      add(source, { typesOnly: exportKind === "type", lazy: false }),
    ImportExpression: ({ source }) => add(source, { typesOnly: false, lazy: true }),
    TSImportType: ({ source }) => add(source, { typesOnly: true, lazy: true }),
    CallExpression: ({ callee, arguments: [wanted] }) => {
      if (callee.type !== "Identifier" || !/require/.test(callee.name)) return;
      if (wanted?.type !== "Literal" || typeof wanted.value !== "string") return;
      imports.push({ specifier: wanted.value, typesOnly: false, lazy: true });
    },
  }).visit(program);
  return { code: withoutComments(text, comments), imports };
}

function withoutComments(text: string, comments: readonly Comment[]): string {
  const starts = [0, ...comments.map(({ end }) => end)];
  return starts.map((start, index) => text.slice(start, comments[index]?.start)).join("");
}

/** The imports of files of this project. */
export function localImports({ path, imports }: SourceFile): LocalImport[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map((each) => ({ ...each, from: path, to: join(dirname(path), each.specifier) }));
}

/** Names of the packages that a file imports, without sub-paths. */
export function packagesOf({ imports }: Pick<SourceFile, "imports">): string[] {
  return imports
    .map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map((specifier) => {
      const parts = specifier.split("/");
      return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
    });
}

/** What is loaded with a file: everything that it imports statically, for more than types. */
export function findLoaded(
  sources: readonly SourceFile[],
  entry: string,
): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = byPath.get(path);
    if (file === undefined || files.has(path)) continue;
    files.add(path);
    const imports = file.imports.filter(({ typesOnly, lazy }) => !typesOnly && !lazy);
    for (const name of packagesOf({ imports })) packages.add(name);
    pending.push(...localImports({ ...file, imports }).map(({ to }) => to));
  }
  return { files, packages };
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Returns a cycle for each node that can reach itself, once for all nodes of the same cycle. */
export function findCycles(edges: readonly Edge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const cycles: string[] = [];
  const known = new Set<string>();
  for (const node of [...next.keys()].toSorted()) {
    if (known.has(node)) continue;
    const path = findPath(next, node, node);
    if (path === undefined) continue;
    for (const each of path) known.add(each);
    cycles.push([...path, node].join(" → "));
  }
  return cycles;
}

/** The shortest way from a node to another one along the edges, without the other one. */
function findPath(
  next: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const pending = [from];
  for (const node of pending) {
    for (const each of next.get(node) ?? []) {
      if (each === to) {
        const path = [node];
        for (let at = node; at !== from;) {
          at = cameFrom.get(at) ?? from;
          path.unshift(at);
        }
        return path;
      }
      if (cameFrom.has(each) || each === from) continue;
      cameFrom.set(each, node);
      pending.push(each);
    }
  }
  return undefined;
}

/** The files that are reached from some of them by imports of any form, with these. */
export function findReached(
  edges: readonly Edge[],
  starts: readonly string[],
): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reached = new Set(starts);
  for (const path of reached) for (const each of next.get(path) ?? []) reached.add(each);
  return reached;
}
