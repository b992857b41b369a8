import type { Path } from "../../stack/path.ts";
import { isReservedName } from "../name.ts";
import { entriesOf, stepsOf } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

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

const containerName = /^[a-z][a-z0-9-]{1,39}$/;

/** Words that mean something else in the network of the stack, or before a colon in an endpoint. */
const taken = /^(kafka|zookeeper)|^(airflow|connect|topic|file|http|https|s3)$/;

/** Stores and services give their names to containers. */
export const containerNamesAreValid: Rule = ({ spec }) =>
  (["stores", "services"] as const).flatMap((section) =>
    entriesOf(spec[section]).flatMap(([name]): Found[] => {
      const at = { path: [section, name], on: "key" as const };
      if (!containerName.test(name)) {
        return [
          {
            ...at,
            message: `"${name}" cannot be the name of a ${section.slice(0, -1)}`,
            hint: "use 2 to 40 lower-case letters, digits or dashes, and begin with a letter",
          },
        ];
      }
      if (!taken.test(name)) return [];
      return [
        {
          ...at,
          message: `"${name}" is a name that dp needs for itself`,
          hint: "choose another name",
        },
      ];
    }),
  );

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
