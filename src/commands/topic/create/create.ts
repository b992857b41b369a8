import type { DpError } from "../../../errors.ts";
import { createTopics, existsAlready, listTopics } from "../../../kafka/topics/admin.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { describeTopics } from "../../../kafka/topics/describe-topics.ts";
import { waitForTopics } from "../../../kafka/topics/settled.ts";
import { describeTopicConfigs, unknownConfigKey } from "../../../kafka/topics/topic-config.ts";
import { compareTopic } from "../../../kafka/topics/plan-topics.ts";
import type { NewTopic } from "../../../kafka/topics/admin.ts";
import { joinFailures } from "../../../app/topics/failures.ts";

interface CreationOfTopic {
  readonly topic: string;
  readonly created: boolean;
  /** Of one that was there: what it has → what was asked for. */
  readonly differences: readonly string[];
}

export interface Creation {
  /** Those that were created, or were there as they may be. */
  readonly topics: readonly CreationOfTopic[];
  /** Of the others. */
  readonly failure: DpError | undefined;
}

const settleMs = 30_000;

/** Creates the topics and waits until every broker has them. */
export async function createAll(options: {
  readonly cluster: Cluster;
  readonly topics: readonly NewTopic[];
  readonly dryRun: boolean;
  readonly ifNotExists: boolean;
  readonly signal: AbortSignal;
}): Promise<Creation> {
  const { cluster, topics, dryRun, ifNotExists, signal } = options;
  const outcome = await createTopics(cluster, topics, { validateOnly: dryRun });
  const { created } = outcome;
  const wanted = topics.filter(({ name }) => created.includes(name));
  if (!dryRun) {
    const sizes = wanted.map(({ name, partitions }) => {
      return { name, partitions: partitions < 0 ? undefined : partitions };
    });
    await waitForTopics(sizes, { cluster, timeoutMs: settleMs, signal });
  }
  const refused = ifNotExists ? [] : outcome.existing.map(existsAlready);
  const existing = topics.filter(({ name }) => ifNotExists && outcome.existing.includes(name));
  const differences = await differencesOf(cluster, existing);
  const failures = await explainKey(cluster, topics, outcome.failures);
  return {
    topics: [
      ...created.map((topic) => ({ topic, created: true, differences: [] })),
      ...existing.map(({ name }, index) => {
        return { topic: name, created: false, differences: differences[index] ?? [] };
      }),
    ],
    failure: joinFailures([...failures, ...refused]),
  };
}

/** Of each topic, what differs from what was asked for. */
async function differencesOf(cluster: Cluster, topics: readonly NewTopic[]): Promise<string[][]> {
  const described = await describeTopics(
    cluster,
    topics.map(({ name }) => name),
  );
  return topics.map(({ partitions, replication, config }, index) => {
    const found = described[index];
    if (found === undefined) return [];
    const written = {
      partitions: partitions < 0 ? undefined : partitions,
      replication: replication < 0 ? undefined : replication,
    };
    return compareTopic({ ...written, config }, found);
  });
}

/** A key that no topic has gets the nearest one; another topic's keys tell them. */
async function explainKey(
  cluster: Cluster,
  topics: readonly NewTopic[],
  failures: readonly DpError[],
): Promise<readonly DpError[]> {
  const keys = Object.keys(topics[0]?.config ?? {});
  const [failure] = failures;
  if (failure === undefined || keys.length === 0) return failures;
  const other = (await listTopics(cluster))[0]?.name;
  if (other === undefined) return failures;
  const known = Object.keys((await describeTopicConfigs(cluster, [other])).get(other) ?? {});
  const unknown = keys.find((key) => !known.includes(key));
  return unknown === undefined ? failures : [unknownConfigKey(unknown, known, failure.why)];
}

export function renderCreation(document: {
  readonly dryRun: boolean;
  readonly topics: readonly CreationOfTopic[];
}): string {
  const verb = document.dryRun ? "would create" : "created";
  return document.topics
    .map(({ topic, created }) =>
      created ? `${verb} topic ${topic}\n` : `topic ${topic} exists already\n`,
    )
    .join("");
}
