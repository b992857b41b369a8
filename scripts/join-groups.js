import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";

/**
 * A plugin for esbuild that writes each group of modules to one file, with all that they import statically.
 * `groups` has the paths that a group begins with; a group may use the groups before it. `inputs` are the
 * modules as the metafile of a build without the plugin lists them.
 *
 * esbuild writes modules to the same file when the same entry points reach them. So whoever imports a member of
 * a group is made to import all of it. A group contains what its members import, so this makes no cycle.
 */
export function joinGroups(groups, inputs) {
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
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const importer = relative(process.cwd(), path);
        const imports = staticImports(inputs, importer);
        const used = joined.filter(
          ({ members }) => !members.has(importer) && imports.some((one) => members.has(one)),
        );
        const source = await readFile(path, "utf8");
        return moduleOf(
          [...used.map(({ name }) => `import "group:${name}";`), source],
          dirname(path),
        );
      });
    },
  };
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
    .map(({ path }) => path);
}

/** The sources of dp use `require` only for what is loaded when it is met. */
function isLazy(importer, kind) {
  return kind === "dynamic-import" || (kind === "require-call" && importer.startsWith("src/"));
}
