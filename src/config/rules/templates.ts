import path from "node:path";
import type { Path } from "../../stack/path.ts";
import { entriesOf, stepsOf, type PlacedStep } from "../written.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";
import { suggest } from "./suggest.ts";

/** What the runtime fills in for each run; `params.NAME` and `STORE.url` come on top. */
const runNames = ["run_id", "ds", "data_interval_start", "data_interval_end"];

interface Text {
  readonly path: Path;
  readonly text: string;
}

/** `{{ name }}` in the texts of steps that the runtime fills in, their SQL files among them. */
export const stepTemplatesAreKnown: Rule = (input) => {
  const pipelines = new Map(entriesOf(input.spec.pipelines));
  const addresses = addressNames(input);
  return stepsOf(input.spec).flatMap((placed) => {
    const { params } = pipelines.get(placed.pipeline) ?? {};
    const declared = Object.keys(params ?? {}).map((name) => `params.${name}`);
    const known = [...declared, ...runNames, ...addresses];
    return filledTexts(placed, input).flatMap((text) => unknownNames(text, known));
  });
};

/** Addresses are all that a service can be told: it does not belong to a run. */
export const serviceTemplatesAreKnown: Rule = (input) => {
  const addresses = addressNames(input);
  return entriesOf(input.spec.services).flatMap(([name, { environment }]) =>
    textsIn(["services", name, "environment"], environment).flatMap((text) =>
      unknownNames(text, addresses),
    ),
  );
};

/** Elsewhere nothing is filled in, and the braces would be taken as they are. */
export const templatesAreFilled: Rule = (input) => [
  ...stepsOf(input.spec).flatMap((placed) => {
    const filled = new Set(filledTexts(placed, input).map(({ path }) => JSON.stringify(path)));
    return textsIn(placed.path, placed.step)
      .filter(({ path, text }) => /\{\{.*\}\}/s.test(text) && !filled.has(JSON.stringify(path)))
      .map(({ path }) =>
        notFilled(path, "URLs, params, headers, queries, commands, environment and SQL files"),
      );
  }),
  ...entriesOf(input.spec.pipelines).flatMap(([name, { params }]) =>
    textsIn(["pipelines", name, "params"], params)
      .filter(({ text }) => /\{\{.*\}\}/s.test(text))
      .map(({ path }) => notFilled(path, "steps")),
  ),
  ...entriesOf(input.spec.services).flatMap(([name, service]) =>
    textsIn(["services", name], { ...service, environment: undefined })
      .filter(({ text }) => namesIn(text).some((used) => addressNames(input).includes(used)))
      .map(({ path }) => notFilled(path, "environment")),
  ),
];

function notFilled(path: Path, where: string): Found {
  return { path, message: "{{ }} is not filled in here", hint: `{{ }} is for ${where}` };
}

function addressNames({ stack }: RuleInput): string[] {
  const kafka = stack.kafka ? ["kafka.bootstrap"] : [];
  return [...kafka, ...stack.stores.map(({ name }) => `${name}.url`)];
}

function filledTexts({ path: at, step }: PlacedStep, { stack, textOf }: RuleInput): Text[] {
  const { from, run, environment } = step;
  const own = typeof from === "object" ? from : { http: from };
  const fromPath = (key: string) =>
    typeof from === "object" ? [...at, "from", key] : [...at, "from"];
  const sql = typeof run === "object" ? run.sql : undefined;
  const file = sql === undefined ? undefined : path.resolve(path.dirname(stack.file), sql);
  return [
    ...textsIn(fromPath("http"), own.http),
    ...textsIn(fromPath("params"), own.params),
    ...textsIn(fromPath("headers"), own.headers),
    ...textsIn(fromPath("query"), own.query),
    ...(typeof run === "string" ? textsIn([...at, "run"], run) : []),
    ...(typeof run === "object" ? textsIn([...at, "run", "command"], run.command) : []),
    ...textsIn([...at, "run", "sql"], file === undefined ? undefined : textOf(file)),
    ...textsIn([...at, "environment"], environment),
  ];
}

/** Every text in a value, with its place. */
function textsIn(at: Path, value: unknown): Text[] {
  if (typeof value === "string") return [{ path: at, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn([...at, Array.isArray(value) ? Number(key) : key], item),
  );
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\{\{(.*?)\}\}/gs)].map(([, name = ""]) => name.trim());
}

function unknownNames({ path, text }: Text, known: readonly string[]): Found[] {
  const unknown = [...new Set(namesIn(text))].filter((name) => !known.includes(name));
  return unknown.map((name) => ({
    path,
    message: `there is nothing called {{ ${name} }} here`,
    hint: suggest({
      name,
      known,
      what: "names",
      otherwise: name.startsWith("params.")
        ? `declare it under params of the pipeline: ${name.slice("params.".length)}: DEFAULT`
        : "other names are not filled in",
    }),
  }));
}
