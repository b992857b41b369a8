import { dirname } from "node:path";
import { expect, test } from "vitest";
import {
  findCycles,
  findLoaded,
  findReached,
  localImports,
  packagesOf,
  readSource,
  readSources,
  type LocalImport,
  type SourceFile,
} from "./support/sources.ts";

/** Folders and files of src/ from the top down. A layer imports all lower ones; its own as the comments say. */
const LAYERS = {
  program: ["program"],
  /** A command is a folder with a `command.ts`; commands never import each other. */
  commands: ["commands"],
  /** What every command needs at the edge; knows commander, but no command. */
  cli: ["cli"],
  /** What two or more commands share, and the only place that joins rooms. */
  app: ["app"],
  /** Rooms never import each other: `app` passes functions. */
  rooms: [
    "config",
    "docker",
    "kafka",
    "zookeeper",
    "airflow",
    "stores",
    "pipeline",
    "smoke",
    "health",
    "report",
  ],
  /** Pure planning. */
  stack: ["stack"],
  leaves: [
    "model",
    "async",
    "safe-text",
    "files",
    "programs",
    "errors.ts",
    "assets.ts",
    "process-identity.ts",
    "version.ts",
    "config/units.ts",
  ],
} as const;

type Layer = keyof typeof LAYERS;

const layersFromTop = Object.keys(LAYERS) as readonly Layer[];

/** Rooms whose types, and nothing else, another room may import. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  report: ["smoke", "pipeline"],
  airflow: ["pipeline"],
};

/** A folder imports only those before it. A new folder needs a line here. */
const ORDERED_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "src/app": [
    "stack",
    "images",
    "cluster",
    "topics",
    "pipelines",
    "checks",
    "deploy",
    "status",
    "diagnosis",
  ],
  "src/docker": ["engine", "exec", "images", "stack"],
  "src/kafka": [
    "protocol",
    "connection",
    "cluster",
    "records",
    "read",
    "topics",
    "produce",
    "groups",
  ],
};

/** The only places that may import a package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  commander: ["program", "commands", "cli"],
  "@clack/prompts": ["cli"],
  dockerode: ["docker"],
  "tar-stream": ["docker"],
  execa: ["programs"],
  kafkajs: ["kafka"],
  snappyjs: ["kafka"],
  "lz4-napi": ["kafka"],
  "@bokuweb/zstd-wasm": ["kafka"],
  "@node-rs/crc32": ["kafka"],
  pg: ["stores"],
  yaml: ["config"],
  zod: ["config"],
  chalk: ["report"],
  "string-width": ["report"],
  "log-update": ["report"],
};

/** Slow to load: `dp --help` and completion must not pay for them. */
const HEAVY = [
  "dockerode",
  "kafkajs",
  "pg",
  "yaml",
  "zod",
  "log-update",
  "chalk",
  "tar-stream",
  "execa",
];

/** Planning is pure: of Node's own modules it may use only what computes. */
const PURE_NODE_MODULES = ["node:crypto", "node:path", "node:util"];

const SHAPELESS_NAMES = /^(utils?|helpers?|index|common|misc|shared)\.ts$/;

const sources = readSources("src");
const tests = [...readSources("test"), ...readSources("bench")];
const edges = sources.flatMap(localImports);
const commandFolders = new Set(
  sources
    .filter(({ path }) => /^src\/commands\/.+\/command\.ts$/.test(path))
    .map(({ path }) => dirname(path)),
);

// ---------------------------------------------------------------- layers

test("imports go program → commands → cli → app → rooms → stack → leaves", () => {
  const paths = sources.map(({ path }) => path);
  expect(paths.filter((path) => findLayer(path) === undefined)).toEqual([]);
  expect(edges.filter((edge) => !mayImport(edge)).map(show)).toEqual([]);
});

test("every file of commands belongs to one command", () => {
  expect(commandFolders.size).toBeGreaterThan(5);
  const shared = sources
    .map(({ path }) => path)
    .filter((path) => findLayer(path) === "commands" && findCommand(path) === undefined);
  expect(shared).toEqual([]);
});

test("a package is imported by its own places only", () => {
  const wrong = sources.flatMap((file) =>
    packagesOf(file)
      .filter((name) => PACKAGES[name]?.includes(roomOf(file.path)) !== true)
      .map((name) => `${file.path} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});

test("only program ends the process", () => {
  expect(findUses(/\bprocess\.exit(?:Code)?\b/g, { except: ["program"] })).toEqual([]);
});

test("only report and program write to the terminal", () => {
  const writes = /\bconsole\.\w+|\bprocess\.(?:stdout|stderr)\b/g;
  expect(findUses(writes, { except: ["report", "program"] })).toEqual([]);
});

// ---------------------------------------------------------------- cycles

test("files form no cycle, imports of types included", () => {
  expect(findCycles(edges)).toEqual([]);
});

/** Between a folder and its own subfolder only the rule of files counts. */
test("sibling folders form no cycle", () => {
  const parents = new Set(sources.flatMap(({ path }) => parentsOf(path)));
  const cycles = [...parents].flatMap((parent) =>
    findCycles(
      edges.flatMap((edge) => {
        const [from, to] = [childFolder(parent, edge.from), childFolder(parent, edge.to)];
        return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
      }),
    ),
  );
  expect(cycles).toEqual([]);
});

test.each(Object.entries(ORDERED_FOLDERS))(
  "a folder of %s imports those before it",
  (parent, order) => {
    const found = sources.flatMap(({ path }) => childFolder(parent, path) ?? []);
    expect([...new Set(found)].toSorted()).toEqual(
      order.map((name) => `${parent}/${name}`).toSorted(),
    );
    const positionOf = (path: string): number =>
      order.findIndex((name) => childFolder(parent, path) === `${parent}/${name}`);
    const wrong = edges.filter(({ from, to }) => {
      const [own, other] = [positionOf(from), positionOf(to)];
      return own !== -1 && other !== -1 && other > own;
    });
    expect(wrong.map(show)).toEqual([]);
  },
);

// ---------------------------------------------------------------- what keeps app small

const app = sources.filter(({ path }) => findLayer(path) === "app");

test("a file of app is reached by two command folders", () => {
  const reached = [...commandFolders].map((folder) => {
    const own = sources.map(({ path }) => path).filter((path) => findCommand(path) === folder);
    return findReached(edges, own);
  });
  const wrong = app
    .map(({ path }) => path)
    .filter((path) => reached.filter((paths) => paths.has(path)).length < 2);
  expect(wrong).toEqual([]);
});

test("a file of app that imports one room and nothing of app belongs to that room", () => {
  const wrong = app.filter((file) => {
    const imported = localImports(file);
    const rooms = imported
      .filter(({ to }) => findLayer(to) === "rooms")
      .map(({ to }) => roomOf(to));
    const isAlone = !imported.some(({ to }) => findLayer(to) === "app");
    return isAlone && new Set(rooms).size === 1;
  });
  // The types that every command hands down name one of Kafka's mechanisms.
  expect(wrong.map(({ path }) => path)).toEqual(["src/app/request.ts"]);
});

test("a folder of app has at most 15 files, and app itself only request.ts", () => {
  const folders = [...new Set(app.map(({ path }) => dirname(path)))];
  const large = folders
    .map((folder) => ({ folder, files: app.filter(({ path }) => dirname(path) === folder).length }))
    .filter(({ files }) => files > 15);
  expect(large).toEqual([]);
  const directly = app.map(({ path }) => path).filter((path) => dirname(path) === "src/app");
  expect(directly).toEqual(["src/app/request.ts"]);
});

// ---------------------------------------------------------------- rooms

test("only kafka knows requests and answers of the brokers' protocol", () => {
  const wrong = edges.filter(
    ({ from, to }) => roomOf(from) !== "kafka" && to.startsWith("src/kafka/protocol/"),
  );
  expect(wrong.map(show)).toEqual([]);
});

test("a client library is known to the files that join groups only, by its public face", () => {
  const files = sources.filter((file) => packagesOf(file).includes("kafkajs"));
  expect(files.map(({ path }) => path)).toEqual([
    "src/kafka/groups/client.ts",
    "src/kafka/groups/read-with-group.ts",
  ]);
  const inside = files.flatMap((file) =>
    file.imports.filter(({ specifier }) => specifier.startsWith("kafkajs/")),
  );
  expect(inside).toEqual([]);
});

test("planning does no input or output", () => {
  const planning = sources.map(({ path }) => path).filter((path) => findLayer(path) === "stack");
  const loaded = new Set(planning.flatMap((path) => [...findLoaded(sources, path).files]));
  const wrong = sources
    .filter(({ path }) => loaded.has(path))
    .flatMap((file) => [
      ...file.imports
        .filter(({ specifier }) => specifier.startsWith("node:"))
        .filter(({ specifier }) => !PURE_NODE_MODULES.includes(specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
      ...(
        file.code.match(
          /\b(?:Date\.now|new Date\(\)|Math\.random|process\.(?:env|cwd|platform|pid|hrtime))\b/g,
        ) ?? []
      ).map((used) => `${file.path} uses ${used}`),
    ]);
  expect(wrong).toEqual([]);
});

test.each(["src/program/program.ts", "src/program/main.ts"])(
  "%s loads nothing heavy before a command runs",
  (entry) => {
    const { files, packages } = findLoaded(sources, entry);
    expect(files.size).toBeGreaterThan(3);
    expect(HEAVY.filter((name) => packages.has(name))).toEqual([]);
  },
);

// ---------------------------------------------------------------- files

test("files are short", () => {
  const tooLong = (files: readonly SourceFile[], limit: number): string[] =>
    files
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > limit)
      .map(({ path, lines }) => `${path}: ${lines} lines, limit ${limit}`);
  expect([...tooLong(sources, 300), ...tooLong(tests, 500)]).toEqual([]);
});

test("file names are kebab-case and say what is inside", () => {
  const wrong = [...sources, ...tests]
    .map((file) => file.path)
    .filter((path) => {
      const name = path.split("/").at(-1) ?? "";
      return !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(name) || SHAPELESS_NAMES.test(name);
    });
  expect(wrong).toEqual([]);
});

test("tests of pure code mirror the folders of src", () => {
  const own = ["adapters", "bench", "docs", "fixtures", "long", "runtime", "scenarios", "support"];
  const folders = new Set(sources.flatMap(({ path }) => parentsOf(path)));
  const wrong = tests
    .map(({ path }) => path)
    .filter((path) => path.startsWith("test/") && !own.includes(roomOf(path)))
    .filter((path) => !folders.has(dirname(path).replace(/^test/, "src")));
  expect(wrong).toEqual([]);
});

// ---------------------------------------------------------------- the readers of this test

test("reads every form of import, and code without comments", () => {
  expect(sources.length).toBeGreaterThan(20);
  const text = `
import type {
  A,
} from "./a.ts";
import "b";
import { c } from "c"; // import "no.ts";
export * from "d";
export type { E } from "./e.ts";
const f = await import("f");
type G = typeof import("g") | import("./h.ts").H;
const text = 'import "no.ts"; // kept';
`;
  const { imports, code } = readSource("some.ts", text);
  expect(imports).toEqual([
    { specifier: "./a.ts", typesOnly: true, lazy: false },
    { specifier: "b", typesOnly: false, lazy: false },
    { specifier: "c", typesOnly: false, lazy: false },
    { specifier: "d", typesOnly: false, lazy: false },
    { specifier: "./e.ts", typesOnly: true, lazy: false },
    { specifier: "f", typesOnly: false, lazy: true },
    { specifier: "g", typesOnly: true, lazy: true },
    { specifier: "./h.ts", typesOnly: true, lazy: true },
  ]);
  expect(code).toBe(text.replace('// import "no.ts";', ""));
});

test("finds each cycle once", () => {
  const edge = (pair: string) => ({ from: pair[0] ?? "", to: pair[1] ?? "" });
  const pairs = ["ab", "bc", "ca", "cd", "de", "ed", "fa", "gg"].map(edge);
  expect(findCycles(pairs)).toEqual(["a → b → c → a", "d → e → d", "g → g"]);
});

function mayImport({ from, to, typesOnly }: LocalImport): boolean {
  const [own, other] = [findLayer(from), findLayer(to)];
  if (own === undefined || other === undefined) return false;
  if (own !== other) return layersFromTop.indexOf(own) < layersFromTop.indexOf(other);
  if (own === "commands") return findCommand(from) === findCommand(to);
  if (own !== "rooms" || roomOf(from) === roomOf(to)) return true;
  return typesOnly && TYPES_ONLY[roomOf(from)]?.includes(roomOf(to)) === true;
}

/** The layer of a file: that of the longest name in LAYERS which is the file or a folder above it. */
function findLayer(path: string): Layer | undefined {
  const names = Object.entries(LAYERS).flatMap(([layer, all]) =>
    all.map((name) => ({ layer: layer as Layer, place: `src/${name}` })),
  );
  return names
    .filter(({ place }) => path === place || path.startsWith(`${place}/`))
    .toSorted((a, b) => b.place.length - a.place.length)[0]?.layer;
}

/** The folder of the command that a file belongs to. */
function findCommand(path: string): string | undefined {
  if (!path.startsWith("src/commands/")) return undefined;
  return parentsOf(path).findLast((folder) => commandFolders.has(folder));
}

/** `docker` for src/docker/…; a file directly in src is a room of its own. */
function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** `src`, `src/kafka`, `src/kafka/read` for src/kafka/read/reader.ts. */
function parentsOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** `src/kafka/read` for the parent src/kafka and src/kafka/read/reader.ts; undefined for a file directly in the parent. */
function childFolder(parent: string, path: string): string | undefined {
  if (!path.startsWith(`${parent}/`)) return undefined;
  const folders = parentsOf(path);
  return folders[folders.indexOf(parent) + 1];
}

function findUses(pattern: RegExp, { except }: { readonly except: readonly string[] }): string[] {
  return sources
    .filter(({ path }) => !except.includes(roomOf(path)))
    .flatMap(({ path, code }) => (code.match(pattern) ?? []).map((used) => `${path} uses ${used}`));
}

function show({ from, to }: LocalImport): string {
  return `${from} imports ${to}`;
}
