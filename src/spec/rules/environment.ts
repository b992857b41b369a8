import type { Path } from "../../stack/path.ts";
import { entriesOf, stepsOf } from "../written.ts";
import type { Rule } from "./rule.ts";

/** Names of environment variables, wherever they can be set. */
export const variableNamesAreValid: Rule = ({ spec }) => {
  const maps: readonly (readonly [Path, Readonly<Record<string, string>> | undefined])[] = [
    [["kafka", "environment"], spec.kafka ? spec.kafka.environment : undefined],
    [["airflow", "environment"], spec.airflow ? spec.airflow.environment : undefined],
    ...entriesOf(spec.services).map(
      ([name, { environment }]) => [["services", name, "environment"], environment] as const,
    ),
    ...stepsOf(spec).map(({ path, step }) => [[...path, "environment"], step.environment] as const),
  ];
  return maps.flatMap(([path, environment]) =>
    Object.keys(environment ?? {})
      .filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      .map((name) => ({
        path: [...path, name],
        on: "key" as const,
        message: `"${name}" is no name of an environment variable`,
        hint: "use letters, digits and underscores",
      })),
  );
};
