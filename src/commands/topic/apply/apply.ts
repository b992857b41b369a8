import { listTopics } from "../../../kafka/topics/admin.ts";
import {
  applyTopics,
  bringTopics,
  observeTopics,
  type TopicChangeTold,
} from "../../../kafka/topics/apply-topics.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { planPrune, planTopics, type TopicChange } from "../../../kafka/topics/plan-topics.ts";
import type { TopicSettings } from "../../../model/settings.ts";

const settleMs = 30_000;

/** What makes the topics as the file says; with `prune` the others go. */
export async function planApply(options: {
  readonly cluster: Cluster;
  readonly wanted: readonly TopicSettings[];
  readonly prune: boolean;
}): Promise<readonly TopicChange[]> {
  const { cluster, wanted, prune } = options;
  const changes = planTopics(wanted, await observeTopics(cluster, wanted));
  return prune ? [...changes, ...planPrune(wanted, await listTopics(cluster))] : changes;
}

/** Asks the brokers whether they would. Throws DpError with their words. */
export async function checkPlan(cluster: Cluster, plan: readonly TopicChange[]): Promise<void> {
  await applyTopics({ cluster, changes: plan, validateOnly: true });
}

/**
 * Makes the topics as the file says, then deletes those that the plan deletes. Returns what was done
 * and what was refused.
 */
export async function applyPlan(options: {
  readonly cluster: Cluster;
  readonly wanted: readonly TopicSettings[];
  readonly plan: readonly TopicChange[];
  readonly signal: AbortSignal;
  readonly told: TopicChangeTold;
}): Promise<readonly TopicChange[]> {
  const { plan } = options;
  const changes = await bringTopics({ ...options, waitFor: "added", timeoutMs: settleMs });
  const deletions = plan.filter(({ kind }) => kind === "delete");
  await applyTopics({ ...options, changes: deletions });
  return [...changes, ...deletions];
}
