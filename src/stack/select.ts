import { DpError } from "../errors.ts";
import type { ReadinessGroup } from "../model/containers.ts";
import { nearest } from "./nearest.ts";
import { selectServices } from "./names.ts";

/**
 * The groups that words on the command line mean: those that the named services belong to, and
 * the groups that these need. No words mean all of them.
 */
export function selectGroups(
  words: readonly string[],
  groups: readonly ReadinessGroup[],
): readonly ReadinessGroup[] {
  if (words.length === 0) return groups;
  const named = expandServices(
    words,
    groups.flatMap(({ services }) => services),
  );
  const selected = new Set<string>();
  // A group stands after those that it needs.
  for (const { name, services, needs } of groups.toReversed()) {
    const isNamed = services.some((service) => named.includes(service));
    if (isNamed || selected.has(name)) [name, ...needs].forEach((group) => selected.add(group));
  }
  return groups.filter(({ name }) => selected.has(name));
}

/** The services that words select; throws for a word that selects none. */
export function expandServices(words: readonly string[], services: readonly string[]): string[] {
  return words.flatMap((word) => {
    const selected = selectServices(word, services);
    if (selected.length > 0) return selected;
    const groups = services.map((service) => service.replace(/-\d+$/, ""));
    const near = nearest(word, [...new Set(groups), ...services]);
    throw new DpError({
      code: "usage",
      message: `there is no service ${word}`,
      why: services.length > 0 ? `services: ${services.join(", ")}` : "the stack has no service",
      next: near && `did you mean ${near}?`,
    });
  });
}
