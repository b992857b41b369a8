import type { Path } from "../../stack/path.ts";
import { badRecordTopic, sinkOf, sourceOf } from "../endpoints.ts";
import type { Spec } from "../schema.ts";
import { entriesOf, stepsOf, type PlacedStep, type WrittenStep } from "../written.ts";
import { circleOf } from "./circle.ts";
import type { Found, Rule } from "./rule.ts";
import { suggest } from "./suggest.ts";

interface Ordered extends PlacedStep {
  /** Steps that it waits for, written or not; only those that exist. */
  readonly needs: readonly string[];
}

/** The steps of each pipeline with what they wait for. */
function orderedSteps(spec: Spec): Ordered[][] {
  return entriesOf(spec.pipelines).map(([name, pipeline]) => {
    const steps = stepsOf({ pipelines: { [name]: pipeline } });
    const ids = steps.map(({ id }) => id);
    const known = new Set(ids);
    return steps.map((each, index) => ({
      ...each,
      needs: (each.step.needs ?? ids.slice(Math.max(0, index - 1), index)).filter((id) =>
        known.has(id),
      ),
    }));
  });
}

export const neededStepsExist: Rule = ({ spec }) =>
  orderedSteps(spec).flatMap((steps) => {
    const ids = steps.map(({ id }) => id);
    const exists = new Set(ids);
    return steps.flatMap(({ id, path, pipeline, step: { needs = [] } }) =>
      needs.flatMap((name, index): Found[] => {
        const at = [...path, "needs", index];
        if (needs.indexOf(name) < index) {
          return [{ path: at, message: `"${name}" is listed twice`, hint: "keep one of the two" }];
        }
        if (exists.has(name)) return [];
        const known = ids.filter((other) => other !== id);
        const otherwise = "needs names steps of the same pipeline";
        return [
          {
            path: at,
            message: `there is no step "${name}" in pipeline "${pipeline}"`,
            hint: suggest({ name, known, what: "steps", otherwise }),
            given: [["pipelines", pipeline, "steps", name]],
          },
        ];
      }),
    );
  });

/** A step stands below those it needs; where that is impossible the circle is named. */
export const needsPointUp: Rule = ({ spec }) =>
  orderedSteps(spec).flatMap((steps) => {
    const places = new Map(steps.map(({ id }, place) => [id, place]));
    const circle = circleOf(new Map(steps.map(({ id, needs }) => [id, needs])));
    return steps.flatMap(({ id, path, step: { needs = [] } }, index) =>
      needs.flatMap((name, place): Found[] => {
        if ((places.get(name) ?? -1) < index) return [];
        const at = [...path, "needs", place];
        const isInCircle = circle.includes(id) && circle.includes(name);
        return [
          isInCircle
            ? {
                path: at,
                message: `steps wait for each other in a circle: ${circle.join(" needs ")}`,
                hint: "a step without needs waits for the step above; write needs: [] where it need not",
              }
            : {
                path: at,
                message: `step "${id}" needs "${name}", which stands below it`,
                hint: `move "${id}" below "${name}"`,
              },
        ];
      }),
    );
  });

/** What one step reads and another writes comes too late when nothing makes the reader wait. */
export const readersWaitForWriters: Rule = ({ spec }) =>
  orderedSteps(spec).flatMap((steps) =>
    steps.flatMap((reader) => {
      const what = readBy(reader.step);
      if (what === undefined) return [];
      const before = stepsBefore(reader.id, steps);
      return steps
        .filter(({ id, step }) => id !== reader.id && writtenBy(step).includes(what))
        .filter(({ id }) => !before.has(id))
        .map(({ id }) => ({
          severity: "warning" as const,
          path: [...reader.path, "from"] satisfies Path,
          message: `step "${reader.id}" reads ${what}, and does not wait for "${id}", which writes it`,
          hint: `put "${reader.id}" below "${id}", or add "${id}" to its needs`,
          given: [[...reader.path, "needs"]],
        }));
    }),
  );

/** All steps that have ended when a step begins. */
function stepsBefore(id: string, steps: readonly Ordered[]): Set<string> {
  const before = new Set<string>();
  const pending = [id];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const needed of steps.find((step) => step.id === next)?.needs ?? []) {
      if (!before.has(needed)) pending.push(needed);
      before.add(needed);
    }
  }
  return before;
}

function readBy(step: WrittenStep): string | undefined {
  const source = sourceOf(step);
  return source && nameOf(source);
}

function writtenBy(step: WrittenStep): string[] {
  const sink = sinkOf(step);
  return [sink && nameOf(sink), nameOf({ topic: badRecordTopic(step) })].flatMap(
    (name) => name ?? [],
  );
}

function nameOf(endpoint: {
  readonly topic?: string | undefined;
  readonly store?: string | undefined;
  readonly table?: string | undefined;
}): string | undefined {
  const { topic, store, table } = endpoint;
  if (topic !== undefined) return `topic ${topic}`;
  return store !== undefined && table !== undefined ? `${store}:${table}` : undefined;
}
