import { expect, test } from "vitest";
import {
  findCycles,
  findLoaded,
  localImports,
  packagesOf,
  readSource,
  readSources,
  type SourceFile,
} from "./support/sources.ts";

/** Rooms that never import each other: cli joins them by passing functions. */
const PEERS = [
  "spec",
  "docker",
  "health",
  "kafka",
  "zookeeper",
  "airflow",
  "stores",
  "pipeline",
  "smoke",
  "report",
] as const;

/** What a room may import besides itself and the leaves. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: [...PEERS, "stack", "errors.ts", "assets.ts"],
  async: ["errors.ts"],
  "safe-text": ["errors.ts"],
  files: [],
  ...Object.fromEntries(PEERS.map((room) => [room, ["stack", "errors.ts", "assets.ts"]])),
  stack: ["errors.ts"],
  "assets.ts": ["errors.ts"],
  "errors.ts": [],
};

/** Everyone may import these files, and all files of these folders; they import each other at most. */
const LEAVES = [
  "src/async/",
  "src/safe-text/",
  "src/files/",
  "src/errors.ts",
  "src/process-identity.ts",
  "src/spec/units.ts",
  "src/stack/exact-number.ts",
  "src/stack/model.ts",
  "src/stack/settings.ts",
  "src/stack/settled.ts",
  "src/stack/pipelines.ts",
  "src/report/event.ts",
];

/** Rooms whose types, and nothing else, another room may import. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  report: ["smoke", "pipeline"],
  airflow: ["pipeline"],
};

/** The one room that may import a package. */
const PACKAGE_ROOM: Readonly<Record<string, string>> = {
  commander: "cli",
  "@clack/prompts": "cli",
  dockerode: "docker",
  kafkajs: "kafka",
  snappyjs: "kafka",
  "lz4-napi": "kafka",
  "@bokuweb/zstd-wasm": "kafka",
  "@node-rs/crc32": "kafka",
  pg: "stores",
  yaml: "spec",
  zod: "spec",
  chalk: "report",
  "log-update": "report",
};

/** Slow to load: `dp --help` and completion must not pay for them. */
const HEAVY = ["dockerode", "kafkajs", "pg", "yaml", "zod", "log-update"];

/** Planning is pure: of Node's own modules it may use only what computes. */
const PURE_NODE_MODULES = ["node:crypto", "node:path", "node:util"];

const SHAPELESS_NAMES = /^(utils?|helpers?|index|common|misc|shared)\.ts$/;

const sources = readSources("src");
const tests = [...readSources("test"), ...readSources("bench")];

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
  const edges = ["ab", "bc", "ca", "cd", "de", "ed", "fa", "gg"].map(edge);
  expect(findCycles(edges)).toEqual(["a → b → c → a", "d → e → d", "g → g"]);
});

test("files form no cycle, imports of types included", () => {
  expect(findCycles(sources.flatMap(localImports))).toEqual([]);
});

test("imports must follow cli → rooms → stack → errors", () => {
  const wrong = sources.flatMap((file) =>
    localImports(file)
      .filter((each) => !mayImport(each))
      .map(({ to }) => `${file.path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test("leaves must import nothing but leaves", () => {
  const wrong = sources
    .filter((file) => isLeaf(file.path))
    .flatMap((file) => [
      ...localImports(file).filter(({ to }) => !isLeaf(to)),
      ...packagesOf(file),
    ]);
  expect(wrong).toEqual([]);
});

test("a package must be imported by its own room only", () => {
  const wrong = sources.flatMap((file) =>
    packagesOf(file)
      .filter((name) => PACKAGE_ROOM[name] !== roomOf(file.path))
      .map((name) => `${file.path} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});

test("only kafka must know requests and answers of the brokers' protocol", () => {
  const wrong = sources
    .filter((file) => roomOf(file.path) !== "kafka")
    .flatMap((file) =>
      localImports(file)
        .filter(({ to }) => to.startsWith("src/kafka/wire/"))
        .map(({ to }) => `${file.path} imports ${to}`),
    );
  expect(wrong).toEqual([]);
});

test("a client library must be known to the files that join groups only, by its public face", () => {
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

test("planning must do no input or output", () => {
  const wrong = sources
    .filter((file) => roomOf(file.path) === "stack")
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

test("no command must import another; a group imports those of its folder", () => {
  const commands = sources.filter(
    (file) =>
      file.path.startsWith("src/cli/commands/") && /^export function \w+Command\(/m.test(file.text),
  );
  expect(commands.length).toBeGreaterThan(5);
  const paths = new Set(commands.map((file) => file.path));
  const wrong = commands.flatMap((file) => {
    const ownFolder = file.path.replace(/(?:\/command)?\.ts$/, "/");
    return localImports(file)
      .filter(({ to }) => paths.has(to) && !to.startsWith(ownFolder))
      .map(({ to }) => `${file.path} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

test("only report and cli/main must write to the terminal", () => {
  const wrong = sources
    .filter((file) => roomOf(file.path) !== "report" && file.path !== "src/cli/main.ts")
    .flatMap((file) =>
      (file.code.match(/\bconsole\.\w+|\bprocess\.(?:stdout|stderr)\b/g) ?? []).map(
        (used) => `${file.path} uses ${used}`,
      ),
    );
  expect(wrong).toEqual([]);
});

test.each(["src/cli/program.ts", "src/cli/main.ts"])(
  "%s must load nothing heavy before a command runs",
  (entry) => {
    const { files, packages } = findLoaded(sources, entry);
    expect(files.size).toBeGreaterThan(3);
    expect(HEAVY.filter((name) => packages.has(name))).toEqual([]);
  },
);

test("files must be short", () => {
  const tooLong = (files: readonly SourceFile[], limit: number): string[] =>
    files
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > limit)
      .map(({ path, lines }) => `${path}: ${lines} lines, limit ${limit}`);
  expect([...tooLong(sources, 300), ...tooLong(tests, 500)]).toEqual([]);
});

test("file names must be kebab-case and say what is inside", () => {
  const wrong = [...sources, ...tests]
    .map((file) => file.path)
    .filter((path) => {
      const name = path.split("/").at(-1) ?? "";
      return !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(name) || SHAPELESS_NAMES.test(name);
    });
  expect(wrong).toEqual([]);
});

/** `docker` for src/docker/…; a file directly in src is a room of its own. */
function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isLeaf(path: string): boolean {
  return LEAVES.some((leaf) => (leaf.endsWith("/") ? path.startsWith(leaf) : path === leaf));
}

function mayImport(edge: {
  readonly from: string;
  readonly to: string;
  readonly typesOnly: boolean;
}): boolean {
  const from = roomOf(edge.from);
  const to = roomOf(edge.to);
  if (!edge.to.startsWith("src/")) return false;
  if (from === to || isLeaf(edge.to)) return true;
  if (edge.typesOnly && TYPES_ONLY[from]?.includes(to)) return true;
  return MAY_IMPORT[from]?.includes(to) ?? false;
}
