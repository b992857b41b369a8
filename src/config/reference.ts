import * as z from "zod";
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

/** The JSON Schema of pipeline.yaml, for editors; lists of words stand on one line. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}

/** The reference page of pipeline.yaml as Markdown, every key with value, default and meaning. */
export function renderReference(): string {
  const schema = jsonSchema();
  const parts = sectionsOf({ keys: schema.properties ?? {}, outer: "" });
  return `${[preface, "## Top level", table(schema.properties ?? {}), ...parts].join("\n\n")}\n`;
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
    return [
      heading,
      section.description ?? "",
      table(inside.keys),
      ...sectionsOf({ keys: inside.keys, outer }),
    ];
  });
}

const preface = `# pipeline.yaml

<!-- Generated from src/config/schema by \`npm run reference\`. -->

One file describes one stack. Every key has a default that works; this is the smallest useful file:

\`\`\`yaml
name: shop
kafka:
\`\`\`

- A section with nothing after the colon is present with its defaults; \`false\` means absent.
- An unknown key is an error. At the top level keys that begin with \`x-\` are free.
- Durations are written \`500ms\`, \`30s\`, \`10m\`, \`2h\`, \`7d\` or \`1h30m\`, time limits and intervals with at most 24 days; sizes \`64k\`, \`512m\`, \`2g\` (1k is 1024 bytes). In \`config\`, keys that end in \`.ms\` take durations and keys that end in \`.bytes\` take sizes.
- \`\${NAME}\`, \`\${NAME:-default}\`, \`\${NAME:?message}\` and \`\${NAME:+text}\` are filled in from the environment, then from \`.env\` beside the file, which is read as docker compose reads it. Without the colon a variable that is empty counts as set, and a default may hold other references. \`$$\` is a dollar sign, and a variable that is not set is an error. Inside \`{ }\` and \`[ ]\` put them in quotes.
- \`{{ name }}\` is filled in for each run, in the URLs, params, headers, queries, commands, environment and SQL files of steps: \`params.NAME\`, \`run_id\`, \`ds\`, \`data_interval_start\`, \`data_interval_end\`, \`kafka.bootstrap\`, \`STORE.url\`. The last two also in the environment of services.
- \`profiles\` are overlays by name: \`--profile NAME\` or \`DP_PROFILE\` lays one over the file. Maps are merged key by key, a list replaces, an empty section switches it on. \`false\` takes away a section, a part with a name, or a setting (\`mem_limit: false\`); in maps of text such as \`config\` and \`environment\` it is the text. Each profile takes every section but \`name\` and \`profiles\`.
- \`--set KEY.PATH=VALUE\` lays one value over both. Names with dots go into quotes: \`--set 'topics."orders.raw".partitions=6'\`.
- Paths are relative to the file and stay inside its folder. A symbolic link may not leave it; a mounted one is mounted as its target.

\`dp validate\` lists every problem of a file. For completion in an editor, put this above the file:
\`# yaml-language-server: $schema=<folder of dp>/docs/pipeline.schema.json\``;

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
  if (schema.type === "integer") return `number ${schema.minimum}–${schema.maximum}`;
  return schema.type === "string" ? "name" : "value";
}

function plural(kind: string): string {
  return /^[\w -]+$/.test(kind) && !kind.includes(" or ") ? `${kind}s` : `(${kind})`;
}
