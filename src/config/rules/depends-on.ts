import type { Path } from "../../stack/path.ts";
import { dependenciesOf, entriesOf, type WrittenDependency } from "../written.ts";
import { circleOf } from "./circle.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";
import { suggest } from "./suggest.ts";

interface PlacedDependency extends WrittenDependency {
  readonly service: string;
  readonly path: Path;
}

function placedDependencies({ spec }: RuleInput): PlacedDependency[] {
  return entriesOf(spec.services).flatMap(([service, written]) =>
    dependenciesOf(written).map((dependency) => ({
      ...dependency,
      service,
      path: ["services", service, "depends_on", dependency.key],
    })),
  );
}

/** What a service can start after. */
function knownNames({ stack }: RuleInput): string[] {
  return [
    ...(stack.kafka ? ["kafka"] : []),
    ...(stack.zookeeper ? ["zookeeper"] : []),
    ...(stack.airflow ? ["airflow"] : []),
    ...[...stack.stores, ...stack.services].map(({ name }) => name),
  ];
}

export const dependenciesExist: Rule = (input) => {
  const names = knownNames(input);
  const exists = new Set(names);
  const seen = new Set<string>();
  return placedDependencies(input).flatMap(({ service, name, key, path }): Found[] => {
    const on = typeof key === "string" ? { on: "key" as const } : {};
    const edge = JSON.stringify([service, name]);
    if (seen.has(edge)) {
      return [{ path, message: `"${name}" is listed twice`, hint: "keep one of the two" }];
    }
    seen.add(edge);
    if (exists.has(name)) return [];
    const known = names.filter((other) => other !== service);
    return [
      {
        path,
        ...on,
        message: `there is no service "${name}" that "${service}" could start after`,
        hint: suggest({ name, known, what: "services", otherwise: "remove it" }),
        given: [
          ["services", name],
          ["stores", name],
        ],
      },
    ];
  });
};

export const dependenciesHaveNoCircle: Rule = (input) => {
  const placed = placedDependencies(input);
  const services = entriesOf(input.spec.services);
  const circle = circleOf(
    new Map(
      services.map(([service, written]) => [
        service,
        dependenciesOf(written).map(({ name }) => name),
      ]),
    ),
  );
  const [first, second] = circle;
  const found = placed.find(({ service, name }) => service === first && name === second);
  if (!found) return [];
  return [
    {
      path: found.path,
      ...(typeof found.key === "string" ? { on: "key" as const } : {}),
      message:
        first === second
          ? `service "${first}" depends on itself`
          : `services wait for each other in a circle: ${circle.join(" depends on ")}`,
      hint: "remove one of these dependencies",
    },
  ];
};

/** A condition must be one that can come true. */
export const conditionsFit: Rule = (input) => {
  const known = new Set(knownNames(input));
  return placedDependencies(input).flatMap(({ name, condition, path }): Found[] => {
    if (!known.has(name)) return [];
    const misfit = describeMisfit({ name, condition, input });
    if (!misfit) return [];
    return [{ ...misfit, path: [...path, "condition"], given: [["services", name]] }];
  });
};

function describeMisfit(of: {
  readonly name: string;
  readonly condition: WrittenDependency["condition"];
  readonly input: RuleInput;
}): Pick<Found, "message" | "hint"> | undefined {
  const { name, condition, input } = of;
  const service = input.stack.services.find((one) => one.name === name);
  const isOneShot = service?.ready?.kind === "completed";
  switch (condition) {
    case "service_started":
      return undefined;
    case "service_healthy":
      if (isOneShot) {
        return {
          message: `"${name}" is a one-shot: it ends, and is never healthy`,
          hint: "write condition: service_completed_successfully",
        };
      }
      if (!service || service.ready) return undefined;
      return {
        message: `"${name}" does not say how it is healthy`,
        hint: `give ${name} ready or healthcheck, or write condition: service_started`,
      };
    case "service_completed_successfully":
      if (isOneShot) return undefined;
      return {
        message: `"${name}" is no one-shot: it does not end`,
        hint: service
          ? `write restart: "no" for ${name} if it ends by itself, else condition: service_healthy`
          : "write condition: service_healthy",
      };
  }
}
