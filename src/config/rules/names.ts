import type { Stack } from "../../model/settings.ts";
import { airflowService, runnerService } from "../../stack/names.ts";
import { needsRunner } from "../../stack/step-container.ts";
import type { Path } from "../../stack/path.ts";
import { endpointWords } from "../endpoints.ts";
import { isReservedName } from "../name.ts";
import { entriesOf, stepsOf } from "../written.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

export const nameIsFree: Rule = ({ spec }) =>
  spec.name !== undefined && isReservedName(spec.name)
    ? [
        {
          path: ["name"],
          message: `"${spec.name}" is a name that Docker uses for its own networks`,
          hint: "choose another name",
        },
      ]
    : [];

/** A section whose names become names of containers, with the form of its names. */
interface NamedSection {
  readonly section: "stores" | "services";
  readonly isValid: (name: string) => boolean;
  readonly form: string;
}

/** The name of a store becomes part of a variable's name, where a dash and an underscore are the same. */
const storeName = /^[a-z][a-z0-9-]{1,39}$/;

/**
 * The name of a service becomes part of the name of its image. An underscore of such a name is
 * between letters or digits, alone or in a pair:
 * https://pkg.go.dev/github.com/distribution/reference#pkg-overview
 */
const serviceName = /^(?=.{2,40}$)[a-z][a-z0-9]*(?:(?:__?|-+)[a-z0-9]+)*$/;

const namedSections: readonly NamedSection[] = [
  {
    section: "stores",
    isValid: (name) => storeName.test(name),
    form: "use 2 to 40 lower-case letters, digits or dashes, and begin with a letter",
  },
  {
    section: "services",
    isValid: (name) => storeName.test(name) || serviceName.test(name),
    form: "use 2 to 40 lower-case letters, digits, dashes or underscores, begin with a letter, and put at most two underscores between two letters",
  },
];

/** Whether a store or a service may have this name, besides the names that dp needs. */
export function isNameFor(section: NamedSection["section"], name: string): boolean {
  const isValid = namedSections.find((each) => each.section === section)?.isValid(name) === true;
  return isValid && !(section === "stores" && endpointWords.has(name));
}

/** Stores and services give their names to containers. */
export const containerNamesAreValid: Rule = ({ spec, stack }) =>
  namedSections.flatMap(({ section, isValid, form }) =>
    entriesOf(spec[section]).flatMap(([name]): Found[] => {
      const at = { path: [section, name], on: "key" as const };
      if (!isValid(name)) {
        const message = `"${name}" cannot be the name of a ${section.slice(0, -1)}`;
        return [{ ...at, message, hint: form }];
      }
      const owner =
        section === "stores" && endpointWords.has(name) ? "endpoints" : ownerOf(stack, name);
      if (owner === undefined) return [];
      return [
        {
          ...at,
          message: `"${name}" is a name that dp needs for ${owner}`,
          hint: "choose another name",
        },
      ];
    }),
  );

/** Whether a store with this name can be added to pipeline.yaml. */
export function canNameStore(
  { spec, stack }: Pick<RuleInput, "spec" | "stack">,
  name: string,
): boolean {
  const services = entriesOf(spec.services).map(([service]) => service);
  const isTaken = endpointWords.has(name) || ownerOf(stack, name) || services.includes(name);
  return storeName.test(name) && !isTaken;
}

/** Whose name it is in the network of this stack; undefined for a free name. */
function ownerOf(stack: Stack, name: string): string | undefined {
  const { kafka, zookeeper, airflow } = stack;
  // Brokers and nodes may be added later.
  if (kafka && /^kafka(-\d+)?$/.test(name)) return "the brokers";
  if (zookeeper && /^zookeeper(-\d+)?$/.test(name)) return "the nodes of ZooKeeper";
  if (needsRunner(stack) && name === runnerService) return "the runner of steps in containers";
  return airflow && name === airflowService ? "Airflow" : undefined;
}

export const storesAndServicesDiffer: Rule = ({ spec }) => {
  const stores = new Set(entriesOf(spec.stores).map(([name]) => name));
  return entriesOf(spec.services)
    .filter(([name]) => stores.has(name))
    .map(([name]) => ({
      path: ["services", name],
      on: "key" as const,
      message: `"${name}" is the name of a store and of a service: their containers would be one`,
      hint: "rename one of the two",
    }));
};

/** They become names of DAGs and tasks. */
export const pipelineNamesAreValid: Rule = ({ spec }) => {
  const pipelines = entriesOf(spec.pipelines).map(([name]) => ({
    name,
    what: "pipeline",
    path: ["pipelines", name],
  }));
  const steps = stepsOf(spec).map(({ pipeline, id }) => ({
    name: id,
    what: "step",
    path: ["pipelines", pipeline, "steps", id],
  }));
  return [...pipelines, ...steps].flatMap(({ name, what, path }: Named): Found[] => {
    if (/^[a-z][a-z0-9_]{0,99}$/.test(name)) return [];
    return [
      {
        path,
        on: "key",
        message: `"${name}" cannot be the name of a ${what}`,
        hint: "use up to 100 lower-case letters, digits and underscores, and begin with a letter",
      },
    ];
  });
};

interface Named {
  readonly name: string;
  readonly what: string;
  readonly path: Path;
}

/** Names of parameters stand in `{{ params.NAME }}`. */
export const paramNamesAreValid: Rule = ({ spec }) =>
  entriesOf(spec.pipelines).flatMap(([pipeline, { params }]) =>
    Object.keys(params ?? {})
      .filter((name) => !/^[A-Za-z_]\w*$/.test(name))
      .map((name) => ({
        path: ["pipelines", pipeline, "params", name],
        on: "key" as const,
        message: `"${name}" cannot be the name of a parameter`,
        hint: "use letters, digits and underscores, and begin with a letter",
      })),
  );
