import { DpError } from "../../errors.ts";
import { addPartitions } from "./admin.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeTopics, type DescribedTopic } from "./describe-topics.ts";
import { waitForTopics } from "./settled.ts";
import {
  alterTopicConfig,
  describeTopicConfigs,
  unknownConfigKey,
  waitForTopicConfig,
} from "./topic-config.ts";
import { whyUnsafe } from "./plan-topics.ts";
import type { ConfigEdit } from "../protocol/config-requests.ts";
import { ownValue } from "../../stack/own-value.ts";

/** What a person wants of a topic. */
export interface TopicWish {
  readonly edits: readonly ConfigEdit[];
  /** The new number of all of them; undefined leaves them. */
  readonly partitions: number | undefined;
}

export interface TopicDifference {
  /** A config key, or `partitions`. */
  readonly what: string;
  readonly from: string | null;
  /** Null for what the brokers are to decide. */
  readonly to: string | null;
}

/** What a wish comes to. */
export interface TopicAlteration {
  readonly changes: readonly TopicDifference[];
  /** What becomes of records that are there. */
  readonly warnings: readonly string[];
  readonly edits: readonly ConfigEdit[];
  /** How many partitions there are, and are to be; undefined leaves them. */
  readonly growth: { readonly from: number; readonly to: number } | undefined;
}

const settleMs = 30_000;

/**
 * Throws DpError `unknown-topic`, one with the nearest name for a key that topics don't have, and
 * `refused` for fewer partitions than there are.
 */
export async function planAlteration(
  cluster: Cluster,
  topic: string,
  wish: TopicWish,
): Promise<TopicAlteration> {
  const [found] = await describeTopics(cluster, [topic]);
  if (found === undefined) throw new TypeError(`nothing of topic ${topic}`);
  const edits = wish.edits.filter((edit) => isChange(found, edit));
  const growth = planGrowth(found, wish.partitions);
  const changes = edits.map((edit) => changeOf(found, edit));
  const warnings = edits.flatMap((edit) => warningsOf(found, edit));
  if (growth !== undefined) {
    const [from, to] = [String(growth.from), String(growth.to)];
    changes.push({ what: "partitions", from, to });
    // Where no leader says, there may be some.
    if (found.partitions.some(({ end }) => end !== 0)) warnings.push(keysMove);
  }
  return { changes, warnings, edits, growth };
}

const keysMove =
  "keys move: what is written from now on may be in another partition than earlier records of its key";

/** A value that is the brokers' own as well is set all the same: it must stay when theirs changes. */
function isChange({ config }: DescribedTopic, edit: ConfigEdit): boolean {
  const have = ownValue(config, edit.key);
  if (have === undefined) throw unknownConfigKey(edit.key, Object.keys(config));
  const isOwn = have.source === "topic";
  return edit.kind === "set" ? !isOwn || have.value !== edit.value : isOwn;
}

function changeOf({ config }: DescribedTopic, edit: ConfigEdit): TopicDifference {
  const to = edit.kind === "set" ? edit.value : null;
  return { what: edit.key, from: config[edit.key]?.value ?? null, to };
}

function warningsOf(found: DescribedTopic, edit: ConfigEdit): string[] {
  const { from, to } = changeOf(found, edit);
  if (to === null || from === to) return [];
  const why = whyUnsafe(edit.key, from ?? "", to);
  return why === undefined ? [] : [`${edit.key} ${from} → ${to}: ${why}`];
}

function planGrowth(
  { name, partitions }: DescribedTopic,
  want: number | undefined,
): TopicAlteration["growth"] {
  const have = partitions.length;
  if (want === undefined || want === have) return undefined;
  if (want < have) {
    throw new DpError({
      code: "refused",
      message: `topic "${name}" keeps its ${have} partitions`,
      why: "Kafka can't take partitions from a topic",
      next: `dp topic create another with -p ${want}, and copy: dp topic tail ${name} -o start -e --json | dp topic produce … --json`,
    });
  }
  return { from: have, to: want };
}

/**
 * Makes a topic as planned and waits until every broker has it so; with `dryRun` the brokers only say
 * whether they would. Returns the changes with the values that hold. Throws DpError with the broker's
 * words.
 */
export async function alterTopic(
  cluster: Cluster,
  topic: string,
  options: {
    readonly plan: TopicAlteration;
    readonly dryRun: boolean;
    readonly signal: AbortSignal;
  },
): Promise<readonly TopicDifference[]> {
  const { plan, dryRun, signal } = options;
  const { edits, growth } = plan;
  // Both are checked before either is done.
  if (growth !== undefined) {
    await addPartitions(cluster, topic, { partitions: growth.to, validateOnly: true });
  }
  if (edits.length > 0) await alterTopicConfig(cluster, topic, { edits, validateOnly: dryRun });
  if (dryRun) return plan.changes;
  if (growth !== undefined) {
    await addPartitions(cluster, topic, { partitions: growth.to });
    const size = { name: topic, partitions: growth.to, from: growth.from };
    await waitForTopics([size], { cluster, timeoutMs: settleMs, signal });
  }
  if (edits.length === 0) return plan.changes;
  await waitForTopicConfig(cluster, topic, { edits, signal });
  const config = (await describeTopicConfigs(cluster, [topic])).get(topic);
  return plan.changes.map((change) => {
    return { ...change, to: config?.[change.what]?.value ?? change.to };
  });
}
