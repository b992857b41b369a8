import { sleep } from "../../async/timers.ts";
import { DpError, messageOf } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController } from "../cluster/controller.ts";
import { firstSuccess, retryWhileMoving } from "../cluster/moving.ts";
import { isSameConfigValue } from "./config-value.ts";
import { topicFailure } from "./topic-failure.ts";
import {
  alterTopicConfigRequest,
  describeTopicConfigsRequest,
  type ConfigEdit,
  type ConfigEntry,
  type DescribedConfigs,
} from "../protocol/config-requests.ts";
import { BrokerError, isMoving, unknownServerError } from "../protocol/error-codes.ts";

export type TopicConfig = Omit<ConfigEntry, "key">;

/** The configuration of a topic: every key that its brokers know. */
export type TopicConfigs = Readonly<Record<string, TopicConfig>>;

const answerMs = 3000;
const takenMs = 5000;
/** A topic that was there a moment ago and that no broker knows for so long is gone. */
const knownMs = 3000;
const pauseMs = 100;
const roundMs = 25;

/**
 * Of each topic, from the first broker that knows all of them: one that has just started, or is about to
 * stop, refuses what others answer. All are asked again for 3 s while none does, and for the cluster's patience
 * while brokers report an error of the server: in ZooKeeper mode they read configs from ZooKeeper, which may restart.
 * Throws DpError with the broker's words.
 */
export async function describeTopicConfigs(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicConfigs>> {
  const startedAt = performance.now();
  for (;;) {
    const attempt = () => askForConfigs(cluster, names);
    const results = await retryWhileMoving({ cluster, attempt }).catch((thrown: unknown) => {
      throw noAnswer(names, thrown);
    });
    const passing = results.find(({ errorCode }) => mayPass(errorCode));
    const patienceMs = passing?.errorCode === unknownServerError ? cluster.patienceMs : knownMs;
    if (!passing || performance.now() - startedAt > patienceMs) return configsOf(results);
    await sleep(pauseMs);
  }
}

function mayPass(errorCode: number): boolean {
  return isMoving(errorCode) || errorCode === unknownServerError;
}

/** The first answer without an error that may pass; where there is none, one with it. */
async function askForConfigs(
  cluster: Cluster,
  names: readonly string[],
): Promise<readonly DescribedConfigs[]> {
  if (cluster.nodes().length === 0) await cluster.metadata([]);
  const request = describeTopicConfigsRequest(names);
  const asked = cluster.nodes().map(({ id }) => cluster.ask(id, request, answerMs));
  const sure = asked.map(async (one) => {
    const results = await one;
    const passing = results.find(({ errorCode }) => mayPass(errorCode));
    if (passing !== undefined) throw new BrokerError(request.name, passing.errorCode);
    return results;
  });
  return Promise.any(sure).catch(() => firstSuccess(cluster, asked));
}

function configsOf(results: readonly DescribedConfigs[]): ReadonlyMap<string, TopicConfigs> {
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
  return new DpError({
    code: "kafka-failed",
    message: `can't read the configuration of ${names.join(", ")}`,
    why: messageOf(error),
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
  const { answer } = await askController(cluster, {
    request,
    action: `change topic "${topic}"`,
    isChange: !validateOnly,
    hint: `dp topic describe ${topic}`,
  });
  const [result] = answer;
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
    await sleep(roundMs, signal);
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
