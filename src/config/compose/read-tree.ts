import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from "yaml";
import type { Problem } from "../../stack/problem.ts";
import { positionsIn, type PositionOf, type Span } from "../locate.ts";
import { isHarmless, syntaxProblems } from "../syntax.ts";
import type { MapTree, Place, Tree } from "./tree.ts";

/** More parts than this come from anchors that repeat each other, not from a stack. */
const mostParts = 50_000;

export type ReadTree =
  | { readonly ok: true; readonly tree: MapTree }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the text of a Compose file: anchors and `<<` are resolved, and each part keeps its line. */
export function readTree({ text, file }: { text: string; file: string }): ReadTree {
  const document = parseDocument(text, { prettyErrors: false, merge: true });
  const positionOf = positionsIn(text);
  const errors = document.errors.filter((error) => !isHarmless(error));
  if (errors.length > 0) {
    return { ok: false, problems: syntaxProblems({ text, errors, positionOf }) };
  }
  const reader = createReader({ document, positionOf, file });
  const tree = reader.read(document.contents, [0, 1]);
  if (reader.problems.length > 0) return { ok: false, problems: reader.problems };
  if (tree.kind === "map") return { ok: true, tree };
  const message = "a Compose file must be a map with services";
  return { ok: false, problems: [{ severity: "error", path: [], message }] };
}

interface Reader {
  readonly read: (node: Node | null, span: Span) => Tree;
  readonly problems: readonly Problem[];
}

function createReader(input: {
  readonly document: Document;
  readonly positionOf: PositionOf;
  readonly file: string;
}): Reader {
  const { document, positionOf, file } = input;
  const problems: Problem[] = [];
  /** The collections on the way to the current node: an anchor may contain itself. */
  const outer = new Set<Node>();
  const targets = new Map<Node, Node>();
  let parts = 0;

  const report = (span: Span, message: string, hint: string): void => {
    problems.push({ severity: "error", path: [], message, hint, at: positionOf(span) });
  };
  const placeOf = (span: Span): Place => {
    const { line, column } = positionOf(span);
    return { line, column, file };
  };
  const nothing = (span: Span): Tree => ({
    kind: "scalar",
    text: "",
    isNull: true,
    at: placeOf(span),
  });

  const read = (node: Node | null, span: Span): Tree => {
    parts += 1;
    if (problems.length > 0) return nothing(span);
    if (parts > mostParts) {
      report(span, "the file has too many parts", "remove anchors that repeat other anchors");
      return nothing(span);
    }
    if (node === null) return nothing(span);
    if (isAlias(node)) {
      const target = targets.get(node) ?? node.resolve(document);
      // A look-up reads the document up to the alias, and an anchor brings the aliases in it along.
      if (target) targets.set(node, target);
      if (target) return read(target, span);
      report(span, `anchor &${node.source} not found`, `define &${node.source} above this line`);
      return nothing(span);
    }
    if (isScalar(node)) return readScalar(node, placeOf(span));
    if (outer.has(node)) {
      report(span, "an anchor contains itself", "remove the alias from the part that it names");
      return nothing(span);
    }
    outer.add(node);
    const tree = isMap(node)
      ? readMap(node, span)
      : {
          kind: "list" as const,
          items: isSeq(node)
            ? node.items.map((item) => read(item as Node | null, spanOf(item) ?? span))
            : [],
          at: placeOf(span),
        };
    outer.delete(node);
    return tree;
  };

  const readMap = (node: Node, span: Span): MapTree => {
    const own = new Map<string, Tree>();
    const merged = new Map<string, Tree>();
    for (const { key, value } of isMap(node) ? node.items : []) {
      const at = spanOf(key) ?? span;
      const tree = read(value as Node | null, at);
      const name = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
      if (name !== "<<") own.set(name, tree);
      else for (const [each, inside] of mergedEntries(tree)) addMissing(merged, each, inside);
    }
    for (const [name, tree] of merged) addMissing(own, name, tree);
    return { kind: "map", entries: own, at: placeOf(span) };
  };

  return { read, problems };
}

/** The maps of `<<`, one or a list of them; the first one that has a key gives its value. */
function mergedEntries(tree: Tree): (readonly [string, Tree])[] {
  if (tree.kind === "list") return tree.items.flatMap(mergedEntries);
  return tree.kind === "map" ? [...tree.entries] : [];
}

function addMissing(entries: Map<string, Tree>, name: string, tree: Tree): void {
  if (!entries.has(name)) entries.set(name, tree);
}

function readScalar(node: Node, at: Place): Tree {
  if (!isScalar(node)) return { kind: "scalar", text: "", isNull: true, at };
  const isPlain = node.type === "PLAIN";
  const text = isPlain ? (node.source ?? "") : String(node.value);
  return { kind: "scalar", text, isNull: isPlain && node.value === null, at };
}

function spanOf(node: unknown): Span | undefined {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : undefined;
}
