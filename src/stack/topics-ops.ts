import type { ReadinessGroup } from "../model/containers.ts";
import type { Op } from "./plan-model.ts";
import type { Decisions } from "./reconcile.ts";

/**
 * The id of the op that creates the topics. Undefined without brokers, and while brokers leave: their
 * partitions move away after all is ready, and a topic that is created meanwhile could be placed on them.
 */
export function topicsId(
  { leaving }: Decisions,
  groups: readonly ReadinessGroup[],
): string | undefined {
  const kafka = groups.find(({ probe }) => probe.kind === "kafka");
  return kafka && leaving.length === 0 ? `topics:${kafka.name}` : undefined;
}

/** Topics are applied when the brokers are ready, without waiting for other services. */
export function topicsOps(input: {
  readonly group: ReadinessGroup;
  readonly topics: string | undefined;
  readonly started: readonly Op[];
}): Op[] {
  const { group, topics: id, started } = input;
  if (id === undefined || group.probe.kind !== "kafka") return [];
  const required = started.some(({ after }) => after.includes(id));
  return [
    { id, kind: "apply-topics", target: group.name, required, after: [`ready:${group.name}`] },
  ];
}
