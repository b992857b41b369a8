import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { requireBuiltins } from "./require-builtins.js";

/**
 * A plugin for esbuild that writes each group of modules to one file, with all that they import statically.
 * `groups` has the paths that a group begins with; a group may use the groups before it. The second
 * argument is the metafile of a build without the plugin.
 *
 * esbuild writes modules to the same file when the same entry points reach them. So whoever imports a member of
 * a group is made to import all of it. A group contains what its members import, so this makes no cycle. All
 * modules and packages are made to import the first group, so that its file contains what esbuild itself adds
 * for all files, too.
 */
export function joinGroups(groups, { inputs, outputs }) {
  const entryPoints = new Map(
    Object.values(outputs).map(({ entryPoint, exports }) => [entryPoint, exports]),
  );
  const [first] = Object.keys(groups);
  const joined = findMembers(groups, inputs);
  return {
    name: "join-groups",
    setup(bundler) {
      bundler.onResolve({ filter: /^group:/ }, ({ path }) => ({ path, namespace: "group" }));
      bundler.onLoad({ filter: /./, namespace: "group" }, ({ path }) => {
        const { members } = joined.find(({ name }) => path === `group:${name}`);
        return moduleOf([...members].map((member) => `import ${JSON.stringify(resolve(member))};`));
      });
      // A dynamic import is an entry point of its own.
      bundler.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) => {
        const wanted = relative(process.cwd(), resolve(resolveDir, path));
        const group = joined.find(({ members }) => members.has(wanted));
        if (kind !== "dynamic-import" || group === undefined) return undefined;
        return { path: wanted, namespace: "member", pluginData: group.name };
      });
      bundler.onLoad({ filter: /./, namespace: "member" }, ({ path, pluginData: name }) =>
        moduleOf([`import "group:${name}";`, `export * from ${JSON.stringify(resolve(path))};`]),
      );
      bundler.onResolve({ filter: /^[@a-z]/ }, ({ path, importer, kind }) => {
        if (kind !== "dynamic-import") return undefined;
        const found = inputs[relative(process.cwd(), importer)]?.imports.find(
          ({ original, external }) => original === path && external !== true,
        );
        return found && { path: found.path, namespace: "package" };
      });
      bundler.onLoad({ filter: /./, namespace: "package" }, ({ path }) => {
        const names = entryPoints.get(path).join(", ");
        const from = JSON.stringify(resolve(path));
        return moduleOf([`import "group:${first}";`, `export { ${names} } from ${from};`]);
      });
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const importer = relative(process.cwd(), path);
        const imports = staticImports(inputs, importer);
        const used = joined.filter(
          ({ name, members }) =>
            !members.has(importer) && (name === first || imports.some((one) => members.has(one))),
        );
        const source = requireBuiltins(await readFile(path, "utf8"));
        return moduleOf(
          [...used.map(({ name }) => `import "group:${name}";`), source],
          dirname(path),
        );
      });
    },
  };
}

/** Throws Error when an entry point of a build does not export what it exports without the plugin. */
export function assertSameExports(draft, joined) {
  const after = exportsOf(joined);
  for (const [entryPoint, names] of exportsOf(draft)) {
    const found = after.get(entryPoint);
    if (found !== names) throw new Error(`${entryPoint} exports ${found}, not ${names}`);
  }
}

function exportsOf({ outputs }) {
  const entryPoints = Object.values(outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  return new Map(
    entryPoints.map(({ entryPoint, exports }) => [
      entryPoint.replace(/^(member|package):/, ""),
      exports.toSorted().join(),
    ]),
  );
}

function moduleOf(lines, folder = process.cwd()) {
  return { contents: `${lines.join("\n")}\n`, loader: "ts", resolveDir: folder };
}

/** The modules of each group, those that are imported first; each is in the first group that reaches it. */
function findMembers(groups, inputs) {
  const taken = new Set();
  return Object.entries(groups).map(([name, seeds]) => {
    const members = new Set();
    const visit = (path) => {
      if (taken.has(path)) return;
      taken.add(path);
      for (const next of staticImports(inputs, path)) visit(next);
      members.add(path);
    };
    for (const seed of seeds) {
      if (inputs[seed] === undefined) throw new Error(`group ${name}: no module ${seed}`);
      visit(seed);
    }
    return { name, members };
  });
}

function staticImports(inputs, importer) {
  return inputs[importer].imports
    .filter(({ kind, external }) => !isLazy(importer, kind) && external !== true)
    .map(({ path }) => path)
    .filter((path) => !path.startsWith("unused:"));
}

/** The sources of dp use `require` only for what is loaded when it is met. */
function isLazy(importer, kind) {
  return kind === "dynamic-import" || (kind === "require-call" && importer.startsWith("src/"));
}
