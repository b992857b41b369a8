import * as z from "zod";
import { examples } from "./reference-examples.ts";
import { pipelineSchema } from "./schema.ts";

/** The parts of JSON Schema that the schema of pipeline.yaml makes use of. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The JSON Schema of pipeline.yaml, for editors. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}

/** The reference page of pipeline.yaml as Markdown, every key with its value, default, and meaning. */
export function renderReference(): string {
  const keys = jsonSchema().properties ?? {};
  const top = ["## Top level", "These keys are at the top of the file:", table(keys)];
  return `${[preface, ...top, ...sectionsOf({ keys, outer: "" })].join("\n\n")}\n`;
}

/** The schema of the file; its profiles refer to the sections that they overlay. */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(pipelineSchema, {
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
  const { profiles, ...properties } = schema.properties ?? {};
  const sections = Object.keys(properties).filter((name) => name !== "name");
  const overlay: JsonSchema = {
    type: "object",
    properties: Object.fromEntries(sections.map((name) => [name, refTo(name)])),
    additionalProperties: false,
  };
  const byName: JsonSchema = {
    type: "object",
    additionalProperties: { anyOf: [overlay, ...switches] },
  };
  const overlays: JsonSchema = { ...profiles, anyOf: [byName, ...switches] };
  return { ...schema, properties: { ...properties, profiles: overlays } };
}

/** What a section may be instead of a map: absent, or present with defaults. */
const switches: readonly JsonSchema[] = [{ type: "boolean", const: false }, { type: "null" }];

function refTo(section: string): JsonSchema {
  return { $ref: `#/properties/${section}` };
}

/** A heading, a meaning and a table for each section, those inside it right after it. */
function sectionsOf(input: {
  keys: Readonly<Record<string, JsonSchema>>;
  /** The dotted path of the section that they stand in. */
  outer: string;
}): string[] {
  return Object.entries(input.keys).flatMap(([name, section]) => {
    const inside = insideOf(section);
    if (!inside || name === "profiles") return [];
    const path = input.outer === "" ? name : `${input.outer}.${name}`;
    const heading = `${input.outer === "" ? "##" : "###"} ${path}`;
    const outer = inside.named ? `${path}.NAME` : path;
    const example = examples[path];
    return [
      heading,
      section.description ?? "",
      ...(example === undefined ? [] : [`\`\`\`yaml${example}\n\`\`\``]),
      `Keys of \`${outer}\`:`,
      table(inside.keys),
      ...sectionsOf({ keys: inside.keys, outer }),
    ];
  });
}

const preface = `# pipeline.yaml reference

<!-- Generated from src/config/schema by \`npm run reference\`. -->

A pipeline.yaml describes one stack: the containers, topics, and pipelines that \`dp up\` creates. Every key has a default. This is the smallest useful file:

\`\`\`yaml
name: shop
kafka:
\`\`\`

\`dp validate\` reports every problem of a file, each with its line. \`dp config --sources\` prints every value with its source: a line, a profile, an option, or a default.

## How to write values

A section without a value is enabled with its defaults. \`false\` removes a section:

\`\`\`yaml
kafka:            # enabled, with defaults
zookeeper: false  # not part of the stack
\`\`\`

An unknown key is an error, and the error suggests the nearest known key. Keys at the top level that start with \`x-\` are ignored, so you can use them for YAML anchors.

Durations are written \`500ms\`, \`30s\`, \`10m\`, \`2h\`, \`7d\`, or \`1h30m\`. Timeouts and intervals are at most 24 days. Sizes are written \`64k\`, \`512m\`, or \`2g\`, where 1k is 1024 bytes. In \`config\`, keys that end in \`.ms\` accept durations, and keys that end in \`.bytes\` accept sizes:

\`\`\`yaml
kafka:
  heap: 512m
  config:
    log.retention.ms: 7d
    log.segment.bytes: 64m
\`\`\`

Paths are relative to pipeline.yaml and must be inside its folder. A symbolic link that leaves the folder is rejected. A mounted link is mounted as its target.

## Variables

\`\${NAME}\` is replaced when dp reads the file. The value comes from the environment, then from \`.env\` beside pipeline.yaml. dp reads \`.env\` in the same way as docker compose.

\`\`\`yaml
stores:
  warehouse: { type: postgres, password: "\${WAREHOUSE_PASSWORD:-dp}" }
\`\`\`

These forms exist:

| form | value |
| --- | --- |
| \`\${NAME}\` | The variable. An unset variable is an error. |
| \`\${NAME:-default}\` | The variable, or \`default\` if it is unset or empty. |
| \`\${NAME:?message}\` | The variable. If it is unset or empty, the file is invalid and \`message\` is the error. |
| \`\${NAME:+value}\` | \`value\` if the variable is set and not empty, otherwise nothing. |
| \`$$\` | A dollar sign. |

Without the colon (\`\${NAME-default}\`) an empty variable counts as set. A default may contain other variables. Inside \`{ }\` and \`[ ]\` put variables in quotes.

## Placeholders

\`{{ name }}\` is replaced at each run of a pipeline. Placeholders work in the URLs, \`params\`, \`headers\`, queries, commands, \`environment\`, and SQL files of steps. Put values with placeholders in quotes:

\`\`\`yaml
pipelines:
  report:
    params: { country: DE }
    steps:
      collect: { run: "python collect.py {{ params.country }} {{ ds }}" }
\`\`\`

These placeholders exist:

| placeholder | value |
| --- | --- |
| \`{{ params.NAME }}\` | A parameter of the pipeline. |
| \`{{ run_id }}\` | The id of the run. |
| \`{{ ds }}\` | The date on which the data interval starts, e.g. \`2026-11-22\`. |
| \`{{ data_interval_start }}\` | The start of the data interval. |
| \`{{ data_interval_end }}\` | The end of the data interval. |
| \`{{ kafka.bootstrap }}\` | The addresses of the brokers inside the network. |
| \`{{ STORE.url }}\` | The URL of a store inside the network. |

The data interval ends at the last scheduled time before the run starts. Without a \`schedule\` both ends are the time of the run. In the query part of a URL values are percent-encoded. \`{{ kafka.bootstrap }}\` and \`{{ STORE.url }}\` also work in the \`environment\` of services.

## Profiles

A profile is a named set of overrides. \`--profile NAME\` or \`DP_PROFILE\` applies it:

\`\`\`yaml
kafka: { brokers: 3 }
airflow:
profiles:
  ci:
    kafka: { brokers: 1 }
    airflow: false
\`\`\`

- Maps are merged key by key, and lists are replaced.
- A section without a value enables the section.
- \`false\` removes a section, a named entry, or a setting such as \`mem_limit\`. In maps of strings such as \`config\` and \`environment\`, \`false\` is the string \`false\`.
- A profile can have every section except \`name\` and \`profiles\`.
- After \`dp up --profile ci\`, later commands use the same profile and report it. \`--profile none\` uses pipeline.yaml without a profile.

\`--set KEY=VALUE\` overrides one value for one command, also over a profile. Put names with dots in quotes:

\`\`\`
dp up --set kafka.brokers=3
dp plan --set 'topics."orders.raw".partitions=6'
\`\`\`

## Editor support

Editors with a YAML language server complete and check the keys of pipeline.yaml. Write the schema to a file, and name the file in the first line of pipeline.yaml:

\`\`\`
dp config --schema > pipeline.schema.json
\`\`\`

\`\`\`
# yaml-language-server: $schema=pipeline.schema.json
\`\`\`

The same schema is in [pipeline.schema.json](pipeline.schema.json).`;

function table(keys: Readonly<Record<string, JsonSchema>>): string {
  const rows = Object.entries(keys).map(([key, schema]) => {
    const standard = schema.default === undefined ? "" : `\`${String(schema.default)}\``;
    return [`\`${key}\``, valueOf(schema), standard, schema.description ?? ""];
  });
  const cells = [["key", "value", "default", "meaning"], ["---", "---", "---", "---"], ...rows];
  return cells.map((row) => `| ${row.map(escapeCell).join(" | ")} |`).join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The keys of a section, or of the sections that it holds by name. */
function insideOf(
  schema: JsonSchema,
): { keys: Readonly<Record<string, JsonSchema>>; named: boolean } | undefined {
  for (const option of schema.anyOf ?? [schema]) {
    if (option.properties) return { keys: option.properties, named: false };
    const entries = option.additionalProperties;
    const inside = typeof entries === "object" ? insideOf(entries) : undefined;
    if (inside) return { ...inside, named: true };
  }
  return undefined;
}

function valueOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.anyOf) {
    const options = schema.anyOf.filter(({ type }) => type !== "null").map(valueOf);
    return options.join(" or ");
  }
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.items) return `list of ${plural(valueOf(schema.items))}`;
  if (schema.properties) return "section";
  if (typeof schema.additionalProperties === "object") {
    const { title, anyOf: [entry = schema.additionalProperties] = [] } =
      schema.additionalProperties;
    return `map of name → ${title ?? valueOf(entry)}`;
  }
  if (schema.type === "integer") return `integer ${schema.minimum}–${schema.maximum}`;
  return schema.type === "string" ? "name" : "value";
}

function plural(kind: string): string {
  return /^[\w -]+$/.test(kind) && !kind.includes(" or ") ? `${kind}s` : `(${kind})`;
}
