import { formatPath, type Path } from "../stack/path.ts";
import type { Stack } from "../model/settings.ts";
import { defaultsAt } from "./config-defaults.ts";
import type { VariablePlace, Variables } from "./find.ts";
import type { ParsedContent } from "./parse.ts";
import { isMap } from "./layers.ts";
import { entriesOf as partsOf } from "./written.ts";
import { jsonSchema, type JsonSchema } from "./reference.ts";
import { ownValue } from "../stack/own-value.ts";

/** Where a value of the resolved file comes from. */
export type Source = (
  | { readonly from: "file"; readonly line: number | undefined }
  | { readonly from: "profile"; readonly profile: string; readonly line: number | undefined }
  | { readonly from: "flag"; readonly flag: string }
  | { readonly from: "environment"; readonly variable: string }
  | { readonly from: "default" }
) & {
  /** The variables in it, each with where its value is set. */
  readonly variables?: readonly {
    readonly name: string;
    readonly from: VariablePlace | "default";
  }[];
};

/** A key of the resolved file with its value, or with the keys below it. */
export type ConfigEntry = { readonly path: Path; readonly key: string } & (
  | { readonly value: unknown; readonly source: Source }
  | { readonly entries: readonly ConfigEntry[] }
);

export interface ConfigInput {
  readonly content: ParsedContent;
  readonly stack: Stack;
  readonly variables: Variables;
  readonly ports: "written" | "auto";
  /** What names the stack instead of the file. */
  readonly project: "--project" | "DP_PROJECT" | undefined;
}

type ValueMap = Readonly<Record<string, unknown>>;

/**
 * The file as dp understands it, in the order of the reference page: under its profile and settings,
 * with every default, less what is switched off. What came from variables reads as it was written;
 * read as a pipeline.yaml it means the same stack.
 */
export function resolveConfig(input: ConfigInput): ConfigEntry[] {
  const { spec } = input.content;
  const topics = Array.isArray(spec.topics)
    ? Object.fromEntries(spec.topics.map((name) => [name, null]))
    : spec.topics;
  const written = { ...spec, ...(topics === undefined ? {} : { topics }) };
  return entriesOf({ path: [], written, schema: jsonSchema(), input });
}

interface MapInput {
  readonly path: Path;
  readonly written: ValueMap;
  readonly schema: JsonSchema;
  readonly input: ConfigInput;
}

function entriesOf({ path, written, schema, input }: MapInput): ConfigEntry[] {
  const properties = propertiesOf(schema);
  const standard = defaultsAt({ path, properties: properties ?? {}, stack: input.stack });
  const keys = properties ? Object.keys(properties) : Object.keys(written);
  return keys.flatMap((key): ConfigEntry[] => {
    const at = [...path, key];
    const inside = (properties && ownValue(properties, key)) ?? entrySchema(schema);
    const [own, byDefault] = [ownValue(written, key), ownValue(standard, key)];
    const forced = forcedValue({ path: at, written: own ?? byDefault, input });
    if (forced) return [{ path: at, key, ...forced }];
    const isWritten = own !== undefined;
    const value = isWritten ? own : byDefault;
    const isAbsent = value === undefined || (value === false && takesFalse(inside));
    if (isAbsent) return [];
    if (value === null || isMap(value)) {
      const entries = entriesOf({ path: at, written: value ?? {}, schema: inside, input });
      if (entries.length > 0) return [{ path: at, key, entries }];
    }
    const origin = isWritten ? at : inheritedFrom(at, input);
    const source = origin ? sourceOf(origin, value, input) : ({ from: "default" } as const);
    return [{ path: at, key, value: shown(value ?? {}, origin ?? at, input), source }];
  });
}

/** Where a pipeline says for its steps what they don't say themselves. */
function inheritedFrom(path: Path, { content }: ConfigInput): Path | undefined {
  const [section, name, steps, , key] = path;
  const isInherited = section === "pipelines" && steps === "steps" && path.length === 5;
  if (!isInherited || (key !== "retries" && key !== "retry_delay")) return undefined;
  const [, pipeline] = partsOf(content.spec.pipelines).find(([each]) => each === name) ?? [];
  return pipeline?.[key] === undefined ? undefined : ["pipelines", String(name), key];
}

/** What the command line or the environment say instead of the file. */
function forcedValue(place: {
  path: Path;
  written: unknown;
  input: ConfigInput;
}): { value: unknown; source: Source } | undefined {
  const { path, written, input } = place;
  const [section, name, key] = path;
  if (section === "name" && input.project === "--project") {
    return {
      value: input.stack.name,
      source: { from: "flag", flag: `--project ${input.stack.name}` },
    };
  }
  if (section === "name" && input.project === "DP_PROJECT") {
    return { value: input.stack.name, source: { from: "environment", variable: "DP_PROJECT" } };
  }
  if (input.ports !== "auto" || written === undefined) return undefined;
  const source = { from: "environment", variable: "DP_PORTS" } as const;
  const isStorePort = section === "stores" && key === "port" && path.length === 3;
  if (isStorePort || (name === "port" && path.length === 2)) return { value: "auto", source };
  if (section !== "services" || key !== "ports" || path.length !== 3) return undefined;
  const service = input.stack.services.find((one) => one.name === name);
  const value = (service?.ports ?? []).map(({ hostIp, containerPort }) => {
    if (hostIp === "127.0.0.1") return String(containerPort);
    return `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}::${containerPort}`;
  });
  return { value, source };
}

/** The value as it may be printed, and read again. */
function shown(value: unknown, path: Path, input: ConfigInput): unknown {
  const written = input.content.fromVariables.get(formatPath(path));
  if (written !== undefined) return written;
  if (Array.isArray(value)) return value.map((item, index) => shown(item, [...path, index], input));
  if (typeof value !== "string") return value;
  return value.replaceAll(/\$(?=[${])/g, "$$$$");
}

function sourceOf(path: Path, value: unknown, { content, variables }: ConfigInput): Source {
  const { at, profile, flag } = content.placeOf(path, "value");
  const line = at?.line;
  const items = Array.isArray(value) ? value.map((_, index) => [...path, index]) : [];
  const used = [path, ...items]
    .flatMap((each) => content.fromVariables.get(formatPath(each)) ?? [])
    .flatMap((written) => variablesIn(written, variables));
  const together = used.length > 0 ? { variables: used } : {};
  if (flag !== undefined) return { from: "flag", flag, ...together };
  if (profile !== undefined) return { from: "profile", profile, line, ...together };
  return { from: "file", line, ...together };
}

function variablesIn(written: string, { valueOf, placeOf }: Variables) {
  return [...written.matchAll(/\$\$|\$\{(\w+)(:?-)?/g)].flatMap(([, name, operator]) => {
    if (name === undefined) return [];
    const value = valueOf(name);
    const isUnset = value === undefined || (value === "" && operator === ":-");
    const isDefault = operator !== undefined && isUnset;
    return [{ name, from: isDefault ? ("default" as const) : (placeOf(name) ?? "default") }];
  });
}

/** The keys of a map that has keys of its own; undefined where names are free. */
function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  return optionsOf(schema).find(({ properties }) => properties)?.properties;
}

function entrySchema(schema: JsonSchema): JsonSchema {
  for (const { additionalProperties } of optionsOf(schema)) {
    if (typeof additionalProperties === "object") return additionalProperties;
  }
  return {};
}

function takesFalse(schema: JsonSchema): boolean {
  return optionsOf(schema).some((option) => option.const === false);
}

function optionsOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? [schema];
}
