import { nearest } from "../../stack/nearest.ts";
import { variableName } from "../../stack/network-addresses.ts";
import type { Path } from "../../stack/path.ts";
import { badRecordTopic, parseShort, sinkOf, sourceOf } from "../endpoints.ts";
import { stepsOf, type PlacedStep } from "../written.ts";
import { canNameStore } from "./names.ts";
import type { Found, Rule } from "./rule.ts";
import { suggest } from "./suggest.ts";
import { canNameTopic } from "./topics.ts";

/** Strings that are no short form of an endpoint, and URLs that nothing can be written to. */
export const endpointsAreReadable: Rule = ({ spec }) =>
  stepsOf(spec).flatMap(({ path, step: { from, to } }): Found[] => {
    const found: Found[] = [];
    if (typeof from === "string" && !parseShort(from)) {
      found.push({
        path: [...path, "from"],
        message: `"${from}" is no source`,
        hint: /^(file|s3):/.test(from)
          ? "read the file in a run step; a source is http://…, topic:NAME or STORE:TABLE"
          : "write http://…, topic:NAME or STORE:TABLE",
      });
    }
    if (typeof to === "string") {
      const short = parseShort(to);
      if (!short || "http" in short) {
        found.push({
          path: [...path, "to"],
          message: short ? `"${to}" can't be written to` : `"${to}" is no destination`,
          hint: /^(file|s3):/.test(to)
            ? "write the file in a run step; a destination is topic:NAME or STORE:TABLE"
            : "write topic:NAME or STORE:TABLE",
        });
      }
    }
    return found;
  });

/** For each key that says what an endpoint is, those that may stand beside it. */
const sourceKeys = {
  http: ["params", "headers", "records"],
  topic: ["group"],
  store: ["table", "query"],
};
const sinkKeys = { topic: ["key", "delivery"], store: ["table", "unique_key", "mode"] };

/** Long forms: one kind of endpoint, only its own keys, and all that it needs. */
export const endpointsAreWhole: Rule = ({ spec }) =>
  stepsOf(spec).flatMap(({ path, step: { from, to } }) => [
    ...(typeof from === "object" ? shape([...path, "from"], from, sourceKeys) : []),
    ...(typeof to === "object" ? shape([...path, "to"], to, sinkKeys) : []),
  ]);

function shape(
  path: Path,
  endpoint: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, readonly string[]>>,
): Found[] {
  const kinds = Object.keys(keys);
  const written = kinds.filter((kind) => endpoint[kind] !== undefined);
  const [kind] = written;
  const given = kinds.map((each) => [...path, each]);
  const on = "key";
  if (kind === undefined || written.length > 1) {
    const is = kind === undefined ? "none" : written.join(" and ");
    const message = `${path.at(-1)} is one of ${kinds.join(", ")}; here it is ${is}`;
    return [{ path, on, message, hint: "write one of them", given }];
  }
  const foreign = Object.keys(endpoint)
    .filter((key) => key !== kind && !keys[kind]?.includes(key))
    .map((key) => ({
      path: [...path, key],
      on: "key" as const,
      message: `${key} has no effect beside ${kind}`,
      hint: `remove it; ${kind} takes ${keys[kind]?.join(", ")}`,
    }));
  return [...foreign, ...missingParts({ path, endpoint, kind, keys })];
}

function missingParts(input: {
  path: Path;
  endpoint: Readonly<Record<string, unknown>>;
  kind: string;
  keys: Readonly<Record<string, readonly string[]>>;
}): Found[] {
  const { path, endpoint, kind, keys } = input;
  const { http } = endpoint;
  if (typeof http === "string" && !/^https?:\/\/./i.test(http)) {
    return [
      {
        path: [...path, "http"],
        message: `"${http}" is no URL`,
        hint: "write it from http:// or https:// on",
      },
    ];
  }
  if (kind !== "store") return [];
  const parts = ["table", "query"].filter((key) => keys["store"]?.includes(key));
  const written = parts.filter((key) => endpoint[key] !== undefined);
  if (written.length === 1) return [];
  return [
    {
      path,
      on: "key",
      message:
        written.length === 0
          ? `the store has no ${parts.join(" and no ")}`
          : "a table and a query: only one of them can be read",
      hint: `write ${parts.join(" or ")}`,
      given: parts.map((key) => [...path, key]),
    },
  ];
}

/** The name of a topic or a store that a step uses, and where it stands. */
interface Use {
  readonly name: string;
  readonly path: Path;
  /** Whether it stands in a short form. */
  readonly short: boolean;
}

export const topicsAreDeclared: Rule = ({ spec, stack }) => {
  const known = stack.topics.map(({ name }) => name);
  const exists = new Set(known);
  return stepsOf(spec)
    .flatMap(topicUses)
    .filter(({ name }) => !exists.has(name))
    .map(({ name, path }) => ({
      path,
      message: `there is no topic "${name}"`,
      hint: topicHint(name, known),
      given: [["topics", name]],
    }));
};

export const storesAreDeclared: Rule = ({ spec, stack }) => {
  const stores = [...stack.stores, ...stack.fileStores].map(({ name }) => name);
  const exists = new Set(stores);
  return stepsOf(spec)
    .flatMap(storeUses)
    .filter(({ name }) => !exists.has(name))
    .map(({ name, path, short }) => ({
      path,
      message: `there is no store "${name}"`,
      hint: suggest({
        name,
        known: short ? [...stores, "topic"] : stores,
        what: short ? "before the colon stand" : "stores",
        otherwise: canNameStore({ spec, stack }, name)
          ? `add it under stores: ${name}: { type: postgres }`
          : "add a store with another name, e.g. stores: warehouse: { type: postgres }",
      }),
      given: [["stores", name]],
    }));
};

/** Records go to and come from Postgres; what else a store is for, a command does. */
export const storesOfRecordsArePostgres: Rule = ({ spec, stack }) =>
  stepsOf(spec)
    .flatMap(storeUses)
    .flatMap(({ name, path }): Found[] => {
      const store = [...stack.stores, ...stack.fileStores].find((each) => each.name === name);
      if (!store || store.type === "postgres") return [];
      const variable = `${variableName(name)}_URL`;
      const hint =
        store.type === "duckdb"
          ? `steps run in containers, which don't see the file: a program on this machine finds it in ${variable}, by dp env -- PROGRAM`
          : `run a command or a Python function instead: it finds ${name} in ${variable}`;
      return [
        {
          path,
          message: `steps read and write Postgres stores only, and "${name}" is of type ${store.type}`,
          hint,
          given: [["stores", name, "type"]],
        },
      ];
    });

function topicHint(name: string, known: readonly string[]): string {
  const add = canNameTopic(name)
    ? `add a line \`${name}:\` under topics`
    : "use 1 to 249 letters, digits, dots, dashes and underscores, and do not begin with __";
  const guess = nearest(name, known);
  return guess === undefined ? add : `did you mean "${guess}"? If not, ${add}`;
}

function topicUses({ path, step }: PlacedStep): Use[] {
  const bad = badRecordTopic(step);
  return [
    ...use({ name: sourceOf(step)?.topic, of: step.from, at: [...path, "from"], key: "topic" }),
    ...use({ name: sinkOf(step)?.topic, of: step.to, at: [...path, "to"], key: "topic" }),
    ...(bad === undefined ? [] : [{ name: bad, path: [...path, "on_bad_record"], short: true }]),
  ];
}

function storeUses({ path, step }: PlacedStep): Use[] {
  const run = typeof step.run === "object" ? step.run.store : undefined;
  return [
    ...use({ name: sourceOf(step)?.store, of: step.from, at: [...path, "from"], key: "store" }),
    ...use({ name: sinkOf(step)?.store, of: step.to, at: [...path, "to"], key: "store" }),
    ...use({ name: run, of: step.run, at: [...path, "run"], key: "store" }),
  ];
}

function use(input: { name: string | undefined; of: unknown; at: Path; key: string }): Use[] {
  const { name, of, at, key } = input;
  const short = typeof of === "string";
  return name === undefined ? [] : [{ name, short, path: short ? at : [...at, key] }];
}
