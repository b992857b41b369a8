import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../kafka/cluster.ts";
import { DpError } from "../../errors.ts";
import type { Seeded } from "../../kafka/seed.ts";
import type { TopicChange } from "../../kafka/topics.ts";
import type { Report } from "../../report/choose.ts";
import type { Observed, SettledStack } from "../../stack/model.ts";
import type { Phases } from "./phases.ts";
import { brokerAddresses } from "../running.ts";
import { toShown, type FromVariables } from "../shown-values.ts";

const topicsTimeoutMs = 60_000;
/** A group name that dp never uses: it only makes Kafka create its offsets topic. */
const warmGroup = "dp.warm";

export interface TopicsInput {
  readonly settled: SettledStack;
  readonly fromVariables: FromVariables;
  readonly phases: Phases;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Creates and adjusts the topics of a ready stack, and loads their seeds. */
export async function bringUpTopics(input: TopicsInput): Promise<void> {
  const { settled, phases, signal } = input;
  const { kafka } = settled;
  if (!kafka) return;
  const { openCluster } = await import("../../kafka/cluster.ts");
  const bootstrap = kafka.ports.map((port) => ({ host: "127.0.0.1", port }));
  const cluster = openCluster({ bootstrap, signal });
  try {
    const refused = await phases.run("topics", () => applyTopicPlan(cluster, input));
    if (settled.topics.some(({ seed }) => seed !== undefined)) {
      await phases.run("seed", () => seedTopics(cluster, input));
    }
    failOnRefused(refused);
  } finally {
    cluster.close();
  }
}

/** Returns the changes that were refused. */
async function applyTopicPlan(
  cluster: Cluster,
  { settled, fromVariables, report, signal }: TopicsInput,
): Promise<TopicChange[]> {
  const [{ observeTopics, applyTopics }, { planTopics }, { warmOffsetsTopic, waitForTopics }] =
    await Promise.all([
      import("../../kafka/apply-topics.ts"),
      import("../../kafka/topics.ts"),
      import("../../kafka/settled.ts"),
    ]);
  const limits = { cluster, timeoutMs: topicsTimeoutMs, signal };
  const told = (change: TopicChange, state: "start" | "done"): void => {
    // A topic that a starting broker does not know yet may exist: told when it has been created.
    const isCreate = change.kind === "create";
    if (isCreate && state === "start") return;
    const step = {
      type: "step",
      id: `topic:${change.topic}:${change.kind}`,
      target: change.topic,
      action: isCreate ? "create topic" : "change topic",
      cause: toShown(change, fromVariables).cause,
    } as const;
    if (isCreate) report.emit({ ...step, state: "start" });
    report.emit({ ...step, state });
  };
  const deadline = performance.now() + topicsTimeoutMs;
  for (;;) {
    const observed = await observeTopics(cluster, settled.topics);
    const changes = planTopics(settled.topics, observed);
    const unseen = await applyTopics({ cluster, changes, signal, told });
    if (unseen.length > 0 && performance.now() < deadline) {
      await sleep(100, undefined, { signal });
      continue;
    }
    const sizes = settled.topics.map(({ name, partitions }) => ({
      name,
      partitions:
        sizeAfter(changes, name) ??
        observed.find((topic) => topic.name === name)?.partitions.length ??
        partitions,
    }));
    await waitForTopics(sizes, limits);
    // Last, because the controller would make the user's topics wait for Kafka's own.
    await warmOffsetsTopic({ ...limits, group: warmGroup });
    return changes
      .filter(({ kind }) => kind === "refused")
      .map((change) => toShown(change, fromVariables));
  }
}

function sizeAfter(changes: readonly TopicChange[], name: string): number | undefined {
  const change = changes.find(
    ({ topic, kind }) => topic === name && (kind === "create" || kind === "add-partitions"),
  );
  return change && "partitions" in change ? change.partitions : undefined;
}

async function seedTopics(cluster: Cluster, input: TopicsInput): Promise<void> {
  const { settled, report, signal } = input;
  const { seedTopic } = await import("../../kafka/seed.ts");
  for (const { name, seed } of settled.topics) {
    if (seed === undefined) continue;
    const result = await seedTopic({ cluster, topic: name, file: seed, signal });
    report.emit({ type: "note", level: "info", text: `${name}: ${describeSeed(result)}` });
  }
}

function describeSeed(seeded: Seeded): string {
  switch (seeded.kind) {
    case "loaded":
      return seeded.from === 0
        ? `${seeded.records} records seeded`
        : `${seeded.records} records seeded after the ${seeded.from} that were there`;
    case "complete":
      return `holds its seed already (${seeded.records} records)`;
    case "left-alone":
      return `its seed is left out: ${seeded.why}`;
  }
}

/** Refused changes leave the stack running; they are told when all else is done. */
function failOnRefused(refused: readonly TopicChange[]): void {
  const [first] = refused;
  if (first?.kind !== "refused") return;
  throw new DpError({
    code: "refused",
    message: `${refused.length === 1 ? "a change of a topic was" : "changes of topics were"} refused; the stack runs`,
    why: `${first.topic}: ${first.cause}: ${first.why}`,
    evidence: refused
      .slice(1)
      .map((change) =>
        change.kind === "refused"
          ? `${change.topic}: ${change.cause}: ${change.why}`
          : change.topic,
      ),
    next: first.next,
  });
}

export interface TopicsPreview {
  readonly changes: readonly TopicChange[];
  readonly lines: readonly string[];
  readonly notes: readonly string[];
}

/** What `dp up` would change of the topics, as far as it can be known before the brokers run. */
export async function previewTopics(input: {
  readonly settled: SettledStack;
  readonly observed: Observed;
  readonly fromVariables: FromVariables;
  readonly signal: AbortSignal;
}): Promise<TopicsPreview> {
  const { settled, observed, fromVariables, signal } = input;
  if (!settled.kafka || settled.topics.length === 0) return { changes: [], lines: [], notes: [] };
  const { planTopics, formatTopicChange } = await import("../../kafka/topics.ts");
  const bootstrap = brokerAddresses(observed);
  const isNew = !observed.volumes.some(({ kind }) => kind === "kafka");
  if (!isNew && bootstrap.length === 0) {
    const notes = ["the topics are compared when the brokers run"];
    return { changes: [], lines: [], notes };
  }
  const existing = isNew ? [] : await readTopics(bootstrap, settled, signal);
  const changes = planTopics(settled.topics, existing).map((change) =>
    toShown(change, fromVariables),
  );
  const signs = { create: "+", "set-config": "~", "add-partitions": "~", refused: "!" } as const;
  const lines = changes.map((change) => `${signs[change.kind]} ${formatTopicChange(change)}`);
  return { changes, lines, notes: [] };
}

async function readTopics(
  bootstrap: readonly { host: string; port: number }[],
  settled: SettledStack,
  signal: AbortSignal,
) {
  const { openCluster } = await import("../../kafka/cluster.ts");
  const { observeTopics } = await import("../../kafka/apply-topics.ts");
  const cluster = openCluster({ bootstrap, signal });
  try {
    return await observeTopics(cluster, settled.topics);
  } finally {
    cluster.close();
  }
}
