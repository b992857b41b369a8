import { DpError } from "../../errors.ts";
import type { TopicChangeTold } from "../../kafka/topics/apply-topics.ts";
import { formatTopicChange, signOf, type TopicChange } from "../../kafka/topics/plan-topics.ts";
import type { Report, View } from "../../report/choose.ts";
import { formatCount } from "../../report/format.ts";
import { toShown } from "../../kafka/topics/shown-values.ts";
import type { FromVariables } from "../../model/settings.ts";

/** `+ create topic orders (3 partitions, 1 replica): does not exist` */
export function formatTopicLine(change: TopicChange): string {
  return `${signOf(change)} ${formatTopicChange(change)}`;
}

/** As they may be printed: values that came from variables read as they were written. */
export function shownChanges(
  changes: readonly TopicChange[],
  fromVariables: FromVariables,
): TopicChange[] {
  return changes.map((change) => toShown(change, fromVariables));
}

/** With what to do about those that were refused. */
export function renderChanges(changes: readonly TopicChange[], { style }: View): string {
  if (changes.length === 0) return "the topics are as the file says\n";
  const lines = changes.map((change) => {
    const line = `  ${formatTopicLine(change)}\n`;
    return change.kind === "refused" ? `${line}      ${style.dim("next")} ${change.next}\n` : line;
  });
  return `${style.bold(formatCount(changes.length, "change"))} of topics\n${lines.join("")}`;
}

/** Tells each change as a step, without values that came from variables. */
export function tellTopicChanges(
  { emit }: Pick<Report, "emit">,
  fromVariables: FromVariables,
): TopicChangeTold {
  return (change, state) => {
    // A topic that a starting broker does not know yet may exist: told when it has been created.
    const isCreate = change.kind === "create";
    if (isCreate && state === "start") return;
    const step = {
      type: "step",
      id: `topic:${change.topic}:${change.kind}`,
      target: change.topic,
      action: actionOf(change),
      cause: toShown(change, fromVariables).cause,
    } as const;
    if (isCreate) emit({ ...step, state: "start" });
    emit({ ...step, state });
  };
}

function actionOf({ kind }: TopicChange): string {
  if (kind === "create") return "create topic";
  return kind === "delete" ? "delete topic" : "change topic";
}

/**
 * Throws DpError `refused` when changes were: it is told when all else is done. `outcome` ends the
 * message.
 */
export function failOnRefused(changes: readonly TopicChange[], outcome: string): void {
  const refused = changes.filter((change) => change.kind === "refused");
  const [first, ...others] = refused;
  if (first === undefined) return;
  const what = others.length === 0 ? "a change of a topic was" : "changes of topics were";
  throw new DpError({
    code: "refused",
    message: `${what} refused${outcome}`,
    why: `${first.topic}: ${first.cause}: ${first.why}`,
    evidence: others.map(({ topic, cause, why }) => `${topic}: ${cause}: ${why}`),
    next: first.next,
  });
}
