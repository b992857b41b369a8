import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController } from "../cluster/controller.ts";
import { topicFailure } from "./topic-failure.ts";
import { isSameConfigValue } from "./plan-topics.ts";
import {
  alterTopicConfigRequest,
  describeTopicConfigsRequest,
  type ConfigEdit,
  type ConfigEntry,
} from "../wire/config-requests.ts";

export type TopicConfig = Omit<ConfigEntry, "key">;

/** The configuration of a topic: every key that its brokers know. */
export type TopicConfigs = Readonly<Record<string, TopicConfig>>;

const answerMs = 3000;
const takenMs = 5000;
const roundMs = 25;

/** Of each topic, from the first broker that answers. Throws DpError with the broker's words. */
export async function describeTopicConfigs(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicConfigs>> {
  if (cluster.nodes().length === 0) await cluster.metadata([]);
  const request = describeTopicConfigsRequest(names);
  const asked = cluster.nodes().map(({ id }) => cluster.ask(id, request, answerMs));
  const results = await Promise.any(asked).catch((error: unknown) => {
    throw noAnswer(names, error);
  });
  return new Map(
    results.map((result) => {
      const { name, entries } = result;
      const message = `can't read the configuration of topic "${name}"`;
      const failure = topicFailure(result, { message, topic: name, right: "DescribeConfigs" });
      if (failure !== undefined) throw failure;
      return [name, Object.fromEntries(entries.map(({ key, ...config }) => [key, config]))];
    }),
  );
}

function noAnswer(names: readonly string[], error: unknown): DpError {
  const reasons = error instanceof AggregateError ? error.errors.map(messageOf) : [];
  return new DpError({
    code: "kafka-failed",
    message: `can't read the configuration of ${names.join(", ")}`,
    why: reasons[0] ?? messageOf(error),
    evidence: reasons.slice(1),
    next: "dp status",
    cause: error,
  });
}

/**
 * Sets and deletes keys of a topic with one request and leaves the others alone. With `validateOnly`
 * the brokers only say whether they would. Throws DpError with the broker's words.
 */
export async function alterTopicConfig(
  cluster: Cluster,
  topic: string,
  options: { readonly edits: readonly ConfigEdit[]; readonly validateOnly?: boolean },
): Promise<void> {
  const { edits, validateOnly = false } = options;
  const request = alterTopicConfigRequest(topic, { edits, validateOnly });
  const [result] = await askController(cluster, request);
  const message = `topic "${topic}" was not changed: ${edits.map(formatEdit).join(", ")}`;
  const failure = topicFailure(result, { message, topic, right: "AlterConfigs" });
  if (failure !== undefined) throw failure;
}

function formatEdit(edit: ConfigEdit): string {
  return edit.kind === "set" ? `${edit.key}=${edit.value}` : `${edit.key} deleted`;
}

/**
 * Resolves when every broker that answers says what the edits made of the topic, which takes them a
 * moment; also after 5 s.
 */
export async function waitForTopicConfig(
  cluster: Cluster,
  topic: string,
  options: { readonly edits: readonly ConfigEdit[]; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { edits, signal } = options;
  const deadline = performance.now() + takenMs;
  const request = describeTopicConfigsRequest([topic]);
  const isTaken = async (id: number): Promise<boolean> => {
    const [result] = await cluster.ask(id, request, answerMs).catch(() => []);
    if (result === undefined) return true;
    return edits.every((edit) => {
      const entry = result.entries.find(({ key }) => key === edit.key);
      if (edit.kind === "delete") return entry?.source !== "topic";
      return entry?.source === "topic" && isSameConfigValue(entry.value ?? "", edit.value);
    });
  };
  for (;;) {
    signal?.throwIfAborted();
    const taken = await Promise.all(cluster.nodes().map(({ id }) => isTaken(id)));
    if (taken.every(Boolean) || performance.now() > deadline) return;
    await sleep(roundMs, undefined, { signal });
  }
}

/** For a key that topics don't have: the nearest one of those they have. */
export function unknownConfigKey(
  key: string,
  known: readonly string[],
  why = "it is none of the keys that the brokers name",
): DpError {
  const near = nearest(key, known);
  return new DpError({
    code: "kafka-failed",
    message: `topics have no config "${key}"`,
    why,
    next: near === undefined ? "dp topic describe TOPIC --all" : `did you mean "${near}"?`,
  });
}
