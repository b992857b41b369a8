import { entriesOf, type WrittenService } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

type Healthcheck = NonNullable<WrittenService["healthcheck"]>;

export const healthchecksAreReadable: Rule = ({ spec }) =>
  entriesOf(spec.services).flatMap(([name, { healthcheck }]): Found[] => {
    const misfit = healthcheck && describeMisfit(name, healthcheck);
    const path = ["services", name, "healthcheck"];
    if (!misfit) return [];
    return [
      {
        path,
        on: "key",
        ...misfit,
        given: [
          [...path, "test"],
          [...path, "disable"],
        ],
      },
    ];
  });

function describeMisfit(
  name: string,
  { test, disable }: Healthcheck,
): Pick<Found, "message" | "hint"> | undefined {
  if (disable === true) {
    if (test === undefined) return undefined;
    const message = `the healthcheck of "${name}" has a test and is switched off`;
    return { message, hint: "keep one of test and disable" };
  }
  if (test === undefined) {
    const message = `the healthcheck of "${name}" has no test`;
    return { message, hint: 'write test: ["CMD", "curl", "-f", "http://localhost:8080"]' };
  }
  if (typeof test === "string") return undefined;
  const [form, ...words] = test;
  switch (form) {
    case "NONE":
      if (words.length === 0) return undefined;
      return { message: "words stand after NONE", hint: "remove them" };
    case "CMD":
      if (words.length > 0) return undefined;
      return { message: "no command stands after CMD", hint: 'write ["CMD", "curl", "…"]' };
    case "CMD-SHELL":
      if (words.length === 1) return undefined;
      return {
        message: "CMD-SHELL takes one text",
        hint: 'write ["CMD-SHELL", "curl -f http://localhost || exit 1"]',
      };
    default: {
      const rest = test.map((word) => JSON.stringify(word)).join(", ");
      return {
        message: `the test of "${name}" begins with none of CMD, CMD-SHELL and NONE`,
        hint: `write ["CMD"${rest && `, ${rest}`}]`,
      };
    }
  }
}

/** A one-shot is ready when it has ended: nothing else can tell. */
export const oneShotsOnlyEnd: Rule = ({ spec }) =>
  entriesOf(spec.services).flatMap(([name, written]) =>
    (["ready", "healthcheck"] as const)
      .filter((key) => written.restart === "no" && written[key] !== undefined)
      .map((key) => ({
        path: ["services", name, key],
        on: "key" as const,
        message: `service "${name}" is a one-shot (restart: "no"), which is ready when it has ended with 0`,
        hint: `remove ${key}; or, where the service is to stay up, remove restart`,
        given: [["services", name, "restart"]],
      })),
  );
