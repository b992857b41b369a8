import path from "node:path";
import type { Path } from "../../stack/path.ts";
import { additionalRequirements, parseRequirement, parseRequirements } from "../requirements.ts";
import { present } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

/** Lists and files of packages: the file is there, and each line names a package of PyPI. */
export const requirementsAreReadable: Rule = (input) => [
  ...requirementProblems({
    at: ["airflow", "requirements"],
    written: present(input.spec.airflow)?.requirements,
    rules: input,
  }),
  ...requirementProblems({
    at: ["python", "requirements"],
    written: present(input.spec.python)?.requirements,
    rules: input,
  }),
];

function requirementProblems(input: {
  readonly at: Path;
  readonly written: string | readonly string[] | undefined;
  readonly rules: RuleInput;
}): Found[] {
  const { at, written, rules } = input;
  if (written === undefined) return [];
  if (typeof written !== "string") {
    return written.flatMap((text, index) => {
      const { problem } = parseRequirement(text);
      if (!problem) return [];
      return [{ path: [...at, index], message: quoted(text, problem.message), hint: problem.hint }];
    });
  }
  const missing = pathProblems({ at, written, want: "file", rules });
  if (missing.length > 0) return missing;
  const text = rules.textOf(path.resolve(path.dirname(rules.stack.file), written));
  if (text === undefined) {
    const hint = "write a text file with one package per line";
    return [{ path: at, message: `can't read "${written}"`, hint }];
  }
  return parseRequirements(text).flatMap(({ text: requirement, line, problem }) => {
    if (!problem) return [];
    const message = `${written}:${line}: ${quoted(requirement, problem.message)}`;
    return [{ path: at, message, hint: problem.hint }];
  });
}

function quoted(text: string, message: string): string {
  return message.startsWith('"') ? message : `"${text.split(/\s+--hash/)[0]?.trim()}" ${message}`;
}

/** The variable of the official image counts as airflow.requirements. */
export const additionalRequirementsAreNoted: Rule = ({ spec }) => {
  const value = present(spec.airflow)?.environment?.[additionalRequirements];
  if (value === undefined) return [];
  const at = ["airflow", "environment", additionalRequirements];
  const words = value.split(/\s+/).filter((word) => word !== "");
  const problems = words.flatMap((word): Found[] => {
    const { problem } = parseRequirement(word);
    return problem
      ? [{ path: at, message: quoted(word, problem.message), hint: problem.hint }]
      : [];
  });
  if (problems.length > 0) return problems;
  return [
    {
      severity: "warning",
      path: at,
      on: "key",
      message: `${additionalRequirements} is read as airflow.requirements`,
      hint: `write requirements: [${words.map((word) => JSON.stringify(word)).join(", ")}] under airflow`,
    },
  ];
};
