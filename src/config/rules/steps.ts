import type { PlacedStep } from "../written.ts";
import { entriesOf, stepsOf } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

export const pipelinesHaveSteps: Rule = ({ spec }) =>
  entriesOf(spec.pipelines)
    .filter(([, { steps }]) => entriesOf(steps).length === 0)
    .map(([name]) => ({
      path: ["pipelines", name],
      on: "key",
      message: `pipeline "${name}" has no steps`,
      hint: "add steps: each with from and to, or with run",
      given: [["pipelines", name, "steps"]],
    }));

/** A step moves records from somewhere to somewhere, or it runs something. */
export const stepsDoOneThing: Rule = ({ spec }) =>
  stepsOf(spec).flatMap((placed): Found[] => {
    const problem = shapeProblem(placed);
    if (!problem) return [];
    const { path } = placed;
    const given = [
      [...path, "from"],
      [...path, "to"],
      [...path, "run"],
    ];
    return [{ path, on: "key", given, ...problem }];
  });

function shapeProblem({ id, step }: PlacedStep): { message: string; hint: string } | undefined {
  const moves = step.from !== undefined || step.to !== undefined;
  if (step.run !== undefined) {
    return moves
      ? {
          message: `step "${id}" moves records and runs something`,
          hint: "make two steps of it",
        }
      : undefined;
  }
  if (!moves) {
    return {
      message: `step "${id}" neither moves records nor runs anything`,
      hint: "write from and to, or run",
    };
  }
  if (step.to === undefined) {
    return {
      message: `step "${id}" reads records and writes them nowhere`,
      hint: "add to: topic:NAME or STORE:TABLE",
    };
  }
  if (step.from === undefined) {
    return {
      message: `step "${id}" writes records and reads them nowhere`,
      hint: "add from: http://…, topic:NAME or STORE:TABLE",
    };
  }
  return undefined;
}

/** Keys that only mean something where records are moved. */
export const moveKeysMove: Rule = ({ spec }) =>
  stepsOf(spec).flatMap(({ id, path, step }) =>
    (["transform", "on_bad_record", "batch"] as const)
      .filter((key) => step[key] !== undefined && step.run !== undefined && !step.from && !step.to)
      .map((key) => ({
        path: [...path, key],
        on: "key" as const,
        message: `${key} has no effect: step "${id}" moves no records`,
        hint: "remove the line, or write from and to instead of run",
      })),
  );

/** What runs is one of: a command, a Python function, a SQL file in a store, a container. */
export const runsAreWhole: Rule = ({ spec }) =>
  stepsOf(spec).flatMap(({ path, step: { run } }): Found[] => {
    const at = [...path, "run"];
    const hint =
      "write a command, { python: file.py:function }, { store: NAME, sql: file.sql }, { image: NAME } or { service: NAME }";
    if (typeof run === "string") {
      return run.trim() === "" ? [{ path: at, message: "there is nothing to run", hint }] : [];
    }
    if (run === undefined) return [];
    const keys = ["python", "store", "sql", "image", "service"] as const;
    const given = keys.map((key) => [...at, key]);
    const { python, store, sql, image, service } = run;
    const programs = keys.filter((key) => run[key] !== undefined);
    if ((image ?? service) !== undefined) {
      if (programs.length === 1) return [];
      const message = `run has more than one program: ${programs.join(", ")}`;
      return [{ path: at, on: "key", message, hint: "make two steps of it", given }];
    }
    if (python !== undefined && (store ?? sql) !== undefined) {
      const message = "run is a Python function or a SQL file, not both";
      return [{ path: at, on: "key", message, hint: "make two steps of it", given }];
    }
    if (python !== undefined || (store !== undefined && sql !== undefined)) return [];
    const message =
      (store ?? sql) === undefined
        ? "there is nothing to run"
        : `run has ${store === undefined ? "sql and no store" : "a store and no sql"}`;
    return [{ path: at, on: "key", message, hint, given }];
  });
