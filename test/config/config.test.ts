import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { resolveConfig, type ConfigInput } from "../../src/config/config.ts";
import {
  configDocument,
  describeSource,
  renderConfig,
  sourceList,
} from "../../src/config/config-text.ts";
import { loadStack } from "../../src/config/load.ts";
import { checkYaml } from "./check-yaml.ts";

type Circumstances = NonNullable<Parameters<typeof checkYaml>[1]>;

function configOf(
  text: string,
  circumstances: Circumstances & Partial<Pick<ConfigInput, "project">> = {},
) {
  const { project, ...rest } = circumstances;
  const { stack, content, problems } = checkYaml(text, rest);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!stack || !content) throw new Error("the text is no YAML");
  const { env = {}, ports = "written" } = circumstances;
  const variables = {
    valueOf: (name: string) => env[name],
    placeOf: (name: string) => {
      if (env[name] === undefined) return undefined;
      return name.startsWith("DOT_") ? (".env" as const) : ("environment" as const);
    },
  };
  return resolveConfig({ content, stack, variables, ports, project });
}

const yamlOf = (...input: Parameters<typeof configOf>) => renderConfig(configOf(...input));

function sourcesOf(...input: Parameters<typeof configOf>): Record<string, string> {
  const sources = sourceList(configOf(...input));
  return Object.fromEntries(
    sources.map(({ path: place, ...source }) => [place, describeSource(source, "pipeline.yaml")]),
  );
}

test("the smallest file must show every default", () => {
  expect(yamlOf("name: x1\nkafka:\n")).toBe(`name: x1
kafka:
  version: 4.3.1
  brokers: 1
  port: 9092
  heap: 384m
images:
  pull: missing
  build: auto
`);
});

test("what is switched off must not be shown, and what topics bring must", () => {
  expect(
    configDocument(configOf("name: x1\nzookeeper: false\ntopics: { a: false, b: , c: }\n")),
  ).toMatchObject({
    kafka: { brokers: 1 },
    topics: { b: { partitions: 1, replication: 1 }, c: { partitions: 1 } },
  });
  const list = configDocument(configOf("name: x1\nzookeeper: false\ntopics: [a]\n"));
  expect(list).toMatchObject({ topics: { a: { partitions: 1, replication: 1 } } });
  expect(Object.keys(list)).toEqual(["name", "kafka", "topics", "images"]);
});

test("each value must tell where it comes from", () => {
  const text = `name: shop
kafka: { brokers: 3, heap: "\${HEAP:-512m}" }
stores:
  db: { password: "\${DOT_PW}" }
services:
  api: { image: "x:\${TAG}", command: [a, "\${TAG}"] }
pipelines:
  p:
    retries: 2
    steps: { a: { run: ls } }
profiles:
  ci:
    kafka: { brokers: 1 }
`;
  const env = { DOT_PW: "geheim", TAG: "1" };
  const sources = sourcesOf(text, { env, profile: "ci", set: ["kafka.port=9192"] });
  expect(sources).toMatchObject({
    name: "pipeline.yaml:1",
    "kafka.version": "default",
    "kafka.brokers": "profile ci, pipeline.yaml:13",
    "kafka.port": "--set kafka.port=9192",
    "kafka.heap": "pipeline.yaml:2, HEAP is not set",
    "stores.db.password": "pipeline.yaml:4, DOT_PW from .env",
    "services.api.image": "pipeline.yaml:6, TAG from the environment",
    "services.api.command": "pipeline.yaml:6, TAG from the environment",
    "pipelines.p.retries": "pipeline.yaml:9",
    "pipelines.p.steps.a.retries": "pipeline.yaml:9",
    "pipelines.p.steps.a.retry_delay": "default",
  });
  const shown = yamlOf(text, { env, profile: "ci" });
  expect(shown).toContain("password: ${DOT_PW}");
  expect(shown).not.toContain("geheim");
});

test("what stands instead of the file must tell so: the project, and free ports", () => {
  const text = `name: shop
zookeeper:
kafka: { port: [9092] }
services: { api: { image: x, ports: ["8085:80", "0.0.0.0:8081:81", "82"] } }
`;
  const free = { ports: "auto", project: "--project" } as const;
  expect(sourcesOf(text, free)).toMatchObject({
    name: "--project shop",
    "zookeeper.port": "DP_PORTS",
    "kafka.port": "DP_PORTS",
    "services.api.ports": "DP_PORTS",
  });
  expect(configDocument(configOf(text, free))).toMatchObject({
    kafka: { port: "auto" },
    services: { api: { ports: ["80", "0.0.0.0::81", "82"] } },
  });
  expect(sourcesOf(text, { project: "DP_PROJECT" })["name"]).toBe("DP_PROJECT");
});

test("dollar signs that name no variable must be read again as what they are", () => {
  const text =
    'name: x1\nkafka: { environment: { A: "$${X}", B: "$$$$", C: "$$5 $d", D: "a $$$${X}" } }\n';
  const stack = checkYaml(text).stack;
  expect(stack?.kafka?.environment).toEqual({ A: "${X}", B: "$$", C: "$5 $d", D: "a $${X}" });
  expect(checkYaml(yamlOf(text)).stack).toEqual(stack);
});

test("texts that YAML would take for something else must be read again as texts", () => {
  const text = `name: x1
kafka: { version: "3.10", image: x, config: { a: "007", b: "true", c: "", d: "a: b # c", e: "1e3", f: "@x", g: "~" } }
stores:
  db:
services:
  api:
    image: x
    command: ["*", "- a", "x y", "null"]
pipelines:
  p:
    schedule: "*/5 * * * *"
    params: { n: 3, t: "3", yes: true, no: "true", rate: 1.10, id: 9007199254740993, r: "1.10" }
    steps:
      a: { from: { store: db, query: "select 1\\n  from a -- \${X}\\n\\nwhere b\\n" }, to: { store: db, table: b } }
`;
  const env = { X: "x" };
  const again = checkYaml(yamlOf(text, { env }), { env });
  expect(again.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(again.stack).toEqual(checkYaml(text, { env }).stack);
});

test("comments must not change what the file means", () => {
  const text = `name: x1\nstores: { db: }\npipelines: { p: { description: "one\\ntwo # three\\n", params: {}, steps: { a: { run: "ls\\nls -l # all" } } } }\n`;
  const comments = { of: () => "here", paint: (comment: string) => comment };
  const rendered = renderConfig(configOf(text), comments);
  expect(rendered).toMatch(/^name: x1 +# here$/m);
  expect(checkYaml(rendered).stack).toEqual(checkYaml(text).stack);
});

const root = path.join(import.meta.dirname, "..", "..");
const folders = ["examples", "test/fixtures"]
  .flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => path.join(root, folder, name)),
  )
  .filter((folder) => existsSync(path.join(folder, "pipeline.yaml")));

/** The files that `env_file` may name, by name. */
function envFilesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".env"));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(path.join(folder, name), "utf8")]),
  );
}

test("every valid file among examples and fixtures must mean the same when it is resolved", async () => {
  let count = 0;
  for (const cwd of folders) {
    const loaded = await loadStack({ cwd, env: {} });
    if (!loaded.ok) continue;
    const text = renderConfig(resolveConfig({ ...loaded, project: undefined }));
    const { content, stack } = checkYaml(text, { texts: envFilesOf(cwd) });
    const { file, ...meant } = loaded.stack;
    const back: unknown = JSON.parse(
      JSON.stringify(stack).replaceAll("/home/me/My Shop", path.dirname(file)),
    );
    const expected = JSON.parse(JSON.stringify(meant)) as { topics: { written: unknown }[] };
    // What was a default is written in the resolved file.
    for (const topic of expected.topics) topic.written = expect.anything();
    expect(content, cwd).toBeDefined();
    expect(back, cwd).toMatchObject(expected);
    count += 1;
  }
  expect(count).toBeGreaterThan(4);
});
