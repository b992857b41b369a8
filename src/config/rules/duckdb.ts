import path from "node:path";
import { variableName } from "../../stack/network-addresses.ts";
import { parseFunction } from "../endpoints.ts";
import { stepsOf, type WrittenStep } from "../written.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

/** The variables of a DuckDB store have no value in a step, because the file is not in the container. */
export const stepsUseNoDuckdb: Rule = ({ spec, stack, textOf }) =>
  stepsOf(spec).flatMap(({ path: at, step }) => {
    const texts = codeOf(step, { stack, textOf });
    return stack.fileStores.flatMap(({ name }): Found[] => {
      const variable = new RegExp(`\\b${variableName(name)}_(?:URL|PATH)\\b`);
      const found = texts.map((text) => variable.exec(text)?.[0]).find((one) => one !== undefined);
      if (found === undefined || step.environment?.[found] !== undefined) return [];
      return [
        {
          severity: "warning",
          path: [...at, "run"],
          message: `the step uses ${found}, which is not set in steps: the file of DuckDB store "${name}" is not in the container`,
          hint: "use the file in a program on this machine: dp env -- PROGRAM",
        },
      ];
    });
  });

/** The command of a run step, and the text of the files that the command or the function is in. */
function codeOf(
  { run }: WrittenStep,
  { stack, textOf }: Pick<RuleInput, "stack" | "textOf">,
): string[] {
  const command = typeof run === "string" ? run : undefined;
  const python = typeof run === "object" ? run.python : undefined;
  const files = command?.match(/[\w./-]+\.\w+/g) ?? [];
  const named = python === undefined ? undefined : parseFunction(python)?.file;
  const texts = [...files, ...(named === undefined ? [] : [named])].map((file) =>
    textOf(path.resolve(path.dirname(stack.file), file)),
  );
  return [
    ...(command === undefined ? [] : [command]),
    ...texts.filter((text) => text !== undefined),
  ];
}
