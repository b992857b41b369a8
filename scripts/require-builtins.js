/**
 * The source of a module, with Node's own modules loaded by `require`. For an `import` Node reads each export of
 * such a module, and that takes longer than loading it: a sixth of what `dp --help` takes.
 */
export function requireBuiltins(source) {
  return source.replaceAll(
    /^import (\{[^}]*\}|\w+) from ("node:[^"]+");$/gm,
    (_, clause, name) => `const ${toPattern(clause)} = require(${name});`,
  );
}

/** `{ a, b: c }` for `{ a, b as c, type D }`. */
function toPattern(clause) {
  if (!clause.startsWith("{")) return clause;
  const names = clause.slice(1, -1).split(",");
  const values = names.map((name) => name.trim()).filter((name) => !/^(type |$)/.test(name));
  return `{ ${values.map((name) => name.replace(" as ", ": ")).join(", ")} }`;
}
