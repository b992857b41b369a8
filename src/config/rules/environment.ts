import { formatPath, type Path } from "../../stack/path.ts";
import { defaults } from "../defaults.ts";
import type { Spec } from "../schema.ts";
import { entriesOf, stepsOf } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

const anyName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Programs such as Elasticsearch read their settings under their own names, e.g. `discovery.type`. */
const nameForService = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Names of environment variables, wherever they can be set. */
export const variableNamesAreValid: Rule = ({ spec }) =>
  environmentsOf(spec).flatMap(([path, environment]) => {
    const isOfService = path[0] === "services";
    const form = isOfService ? nameForService : anyName;
    return Object.keys(environment)
      .filter((name) => !form.test(name))
      .map((name) => ({
        path: [...path, name],
        on: "key" as const,
        message: `"${name}" is no name of an environment variable`,
        hint: isOfService
          ? "use letters, digits, underscores, dots and dashes"
          : "use letters, digits and underscores",
      }));
  });

/** A password that stands in the file is in every copy of it. */
export const variablePasswordsAreVariables: Rule = ({ spec, fromVariables }) =>
  environmentsOf(spec).flatMap(([path, environment]) =>
    Object.entries(environment).flatMap(([name, value]): Found[] => {
      const place = [...path, name];
      const isHarmless = value === "" || value === defaults.storePassword || value.includes("{{");
      if (!/password$/i.test(name) || isHarmless || fromVariables.has(formatPath(place))) return [];
      return [
        {
          severity: "warning",
          path: place,
          message: `the password ${name} stands in the file`,
          hint: `write "\${${name}}", and set ${name} in .env beside the file`,
        },
      ];
    }),
  );

type Environment = Readonly<Record<string, string>>;

function environmentsOf(spec: Spec): (readonly [Path, Environment])[] {
  const maps: readonly (readonly [Path, Environment | undefined])[] = [
    [["kafka", "environment"], spec.kafka ? spec.kafka.environment : undefined],
    [["airflow", "environment"], spec.airflow ? spec.airflow.environment : undefined],
    ...entriesOf(spec.services).map(
      ([name, { environment }]) => [["services", name, "environment"], environment] as const,
    ),
    ...stepsOf(spec).map(({ path, step }) => [[...path, "environment"], step.environment] as const),
  ];
  return maps.map(([path, environment = {}]) => [path, environment] as const);
}
