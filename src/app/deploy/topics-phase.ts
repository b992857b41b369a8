import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { Seeded } from "../../kafka/produce/seed.ts";
import type { TopicChange } from "../../kafka/topics/plan-topics.ts";
import { formatCount } from "../../report/format.ts";
import type { Report } from "../../report/choose.ts";
import type { Observed } from "../../model/containers.ts";
import type { SettledStack } from "../../model/settled.ts";
import type { Phases } from "./phases.ts";
import { brokerAddresses } from "../stack/running.ts";
import type { FromVariables } from "../../model/settings.ts";
import {
  failOnRefused,
  formatTopicLine,
  shownChanges,
  tellTopicChanges,
} from "../topics/changes.ts";

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

export interface TopicsWork {
  /** Creates and adjusts the topics of brokers that are ready, and loads their seeds. */
  apply(signal: AbortSignal): Promise<void>;
  /** Does the same unless it has been done. Throws its failure, or DpError `refused` for refused changes. */
  finish(): Promise<void>;
}

/** The topics of one run: applied while the stack starts, and reported when it is ready. */
export function createTopicsWork(input: TopicsInput): TopicsWork {
  let applied: Promise<readonly TopicChange[]> | undefined;
  return {
    apply: async (signal) => {
      const { report, settled } = input;
      applied = withTopics({ ...input, signal }, async (cluster) => {
        const changes = await applyTopicPlan(cluster, { ...input, signal });
        await seedTopics(cluster, { settled, report, signal });
        return changes;
      });
      await applied;
    },
    finish: async () => failOnRefused(await (applied ?? applyInPhases(input)), "; the stack runs"),
  };
}

/** After the start of the stack, each part is a phase. */
function applyInPhases(input: TopicsInput): Promise<readonly TopicChange[]> {
  const { settled, phases } = input;
  return withTopics(input, async (cluster) => {
    const changes = await phases.run("topics", () => applyTopicPlan(cluster, input));
    if (settled.topics.some(({ seed }) => seed !== undefined)) {
      await phases.run("seed", () => seedTopics(cluster, input));
    }
    return changes;
  });
}

async function withTopics(
  { settled: { kafka }, signal }: Pick<TopicsInput, "settled" | "signal">,
  work: (cluster: Cluster) => Promise<readonly TopicChange[]>,
): Promise<readonly TopicChange[]> {
  if (!kafka) return [];
  const { openCluster } = await import("../../kafka/cluster/cluster.ts");
  const bootstrap = kafka.ports.map((port) => ({ host: "127.0.0.1", port }));
  const cluster = openCluster({ bootstrap, signal });
  try {
    return await work(cluster);
  } finally {
    cluster.close();
  }
}

/** Returns the changes, those that were refused too. */
async function applyTopicPlan(
  cluster: Cluster,
  { settled, fromVariables, report, signal }: Omit<TopicsInput, "phases">,
): Promise<TopicChange[]> {
  const [{ bringTopics }, { warmOffsetsTopic }] = await Promise.all([
    import("../../kafka/topics/apply-topics.ts"),
    import("../../kafka/topics/settled.ts"),
  ]);
  const limits = { cluster, timeoutMs: topicsTimeoutMs, signal };
  const told = tellTopicChanges(report, fromVariables);
  const changes = await bringTopics({ ...limits, wanted: settled.topics, waitFor: "all", told });
  // Last, because the controller would make the user's topics wait for Kafka's own.
  await warmOffsetsTopic({ ...limits, group: warmGroup });
  return shownChanges(changes, fromVariables);
}

async function seedTopics(
  cluster: Cluster,
  input: Pick<TopicsInput, "settled" | "report" | "signal">,
): Promise<void> {
  const { settled, report, signal } = input;
  const { seedTopic } = await import("../../kafka/produce/seed.ts");
  for (const { name, seed } of settled.topics) {
    if (seed === undefined) continue;
    const result = await seedTopic({ cluster, topic: name, seed, signal });
    report.emit({ type: "note", level: "info", text: `${name}: ${describeSeed(result)}` });
    if (result.kind === "loaded" && result.expired > 0) {
      const records = formatCount(result.expired, "record");
      const text = `${name}: the brokers will soon delete ${records} of the seed, older than retention.ms`;
      report.emit({ type: "note", level: "warning", text });
    }
  }
}

function describeSeed(seeded: Seeded): string {
  switch (seeded.kind) {
    case "loaded":
      return seeded.from === 0
        ? `${formatCount(seeded.records, "record")} seeded`
        : `${formatCount(seeded.records, "record")} seeded after the ${seeded.from} that were there`;
    case "complete":
      return `holds its seed already (${formatCount(seeded.records, "record")})`;
    case "left-alone":
      return `its seed is left out: ${seeded.why}`;
  }
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
  const { planTopics } = await import("../../kafka/topics/plan-topics.ts");
  const bootstrap = brokerAddresses(observed);
  const isNew = !observed.volumes.some(({ kind }) => kind === "kafka");
  if (!isNew && bootstrap.length === 0) {
    const notes = ["the topics are compared when the brokers run"];
    return { changes: [], lines: [], notes };
  }
  const existing = isNew ? [] : await readTopics(bootstrap, settled, signal);
  const changes = shownChanges(planTopics(settled.topics, existing), fromVariables);
  const lines = changes.map(formatTopicLine);
  return { changes, lines, notes: [] };
}

async function readTopics(
  bootstrap: readonly { host: string; port: number }[],
  settled: SettledStack,
  signal: AbortSignal,
) {
  const { openCluster } = await import("../../kafka/cluster/cluster.ts");
  const { observeTopics } = await import("../../kafka/topics/apply-topics.ts");
  const cluster = openCluster({ bootstrap, signal });
  try {
    return await observeTopics(cluster, settled.topics);
  } finally {
    cluster.close();
  }
}
