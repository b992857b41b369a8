import { randomBytes } from "node:crypto";
import { canaryName, leftoversOf, siblingName } from "./canary-names.ts";
import { complaintsAbout } from "./checks/topics.ts";
import type { Canaries, CanaryTopic, SmokeCluster } from "./model.ts";
import { sleep } from "../async/timers.ts";
import { timeoutSignal, withAbort, withTimeout } from "../async/with-timeout.ts";

/** The purposes that are consumer groups. */
const groupPurposes = ["group", "inside"] as const;

const roundMs = 25;
const createMs = 10_000;
/** Longer than the session of a member that could not leave, on a busy machine too. */
const groupsMs = 15_000;
/** For each thing that is removed. */
const cleanUpMs = 20_000;

export interface RunCanaries extends Canaries {
  /** Removes what this run made; returns the names of what could not be removed. */
  remove(): Promise<string[]>;
}

/** Nothing is made yet. `runMs` is how long the run lasts at most, cleaning up left out. */
export function planCanaries(options: {
  readonly cluster: SmokeCluster;
  readonly partitions: number;
  readonly replication: number;
  readonly runMs: number;
  readonly signal: AbortSignal;
}): RunCanaries {
  const { cluster, partitions, replication, runMs, signal } = options;
  const until = Date.now() + runMs + createMs + 3 * cleanUpMs;
  const run = { until, random: randomBytes(4).toString("hex") };
  const topics = new Map<string, Promise<CanaryTopic>>();
  const names = new Set<string>();

  function name(purpose: string): string {
    const own = canaryName(run, purpose);
    names.add(own);
    return own;
  }

  async function create(purpose: string): Promise<CanaryTopic> {
    signal.throwIfAborted();
    const topic = { name: name(purpose), partitions, replication };
    await cluster.createTopic(topic);
    await awaitKnown({ cluster, topic, signal, timeoutMs: createMs });
    // A broker is named as leader a moment before it leads: records with acks 0 would be lost unseen.
    await cluster.awaitServing(topic.name);
    return topic;
  }

  return {
    name,
    topic(purpose) {
      let topic = topics.get(purpose);
      if (topic === undefined) {
        topic = create(purpose);
        topic.catch(() => undefined);
        topics.set(purpose, topic);
      }
      return topic;
    },
    async remove() {
      // A topic that is still being created would outlive its deletion.
      await withTimeout({
        work: () => Promise.allSettled(topics.values()),
        timeoutMs: cleanUpMs / 2,
      }).catch(() => undefined);
      return removeAll(cluster, [...names]);
    },
  };
}

/** Removes what killed runs have left; returns the names of the topics. */
export async function removeLeftovers(cluster: SmokeCluster): Promise<string[]> {
  const left = leftoversOf(await cluster.topicNames(), Date.now());
  if (left.length === 0) return [];
  const groups = left.flatMap((name) => groupPurposes.map((purpose) => siblingName(name, purpose)));
  await removeAll(cluster, [...new Set([...left, ...groups])]);
  return left;
}

/** Groups go first: topics that are left lead the next run to their groups. */
async function removeAll(cluster: SmokeCluster, names: readonly string[]): Promise<string[]> {
  const left = new Set<string>();
  const attempt = async (name: string, work: Promise<void>): Promise<void> => {
    await withTimeout({ work: () => work, timeoutMs: cleanUpMs }).catch(() => left.add(name));
  };
  const groups = names.filter((name) =>
    groupPurposes.some((purpose) => name.endsWith(`.${purpose}`)),
  );
  if (groups.length > 0) await attempt(groups[0] ?? "", removeGroups(cluster, groups));
  await Promise.all(names.map((name) => attempt(name, removeTopic(cluster, name))));
  return [...left];
}

/** A member that has been ended stays in its group for a moment. */
async function removeGroups(cluster: SmokeCluster, groups: readonly string[]): Promise<void> {
  const deadline = performance.now() + groupsMs;
  for (;;) {
    try {
      await cluster.deleteGroups(groups);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(10 * roundMs, timeoutSignal(cleanUpMs));
  }
}

/** So many looks, and the topic is deleted again. */
const looksPerDeletion = 20;

/**
 * Resolves when no broker that answers knows it any more. A topic that was made just now may be unknown
 * to the broker that is asked to delete it.
 */
async function removeTopic(cluster: SmokeCluster, name: string): Promise<void> {
  const signal = timeoutSignal(cleanUpMs);
  for (let look = 0; ; look++) {
    if (look % looksPerDeletion === 0) await cluster.deleteTopic(name);
    const sightings = await cluster.sightingsOf(name);
    if (sightings.every(({ partitions }) => partitions.length === 0)) return;
    await sleep(roundMs, signal);
  }
}

/** Resolves when every broker that answers knows all partitions with their leaders. */
async function awaitKnown(options: {
  readonly cluster: SmokeCluster;
  readonly topic: CanaryTopic;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { cluster, topic, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const sightings = await withAbort(cluster.sightingsOf(topic.name), signal);
    const answers = sightings.filter(({ problem }) => problem === undefined);
    const [complaint = answers.length === 0 ? "no broker answers" : undefined] = complaintsAbout(
      answers,
      { partitions: topic.partitions },
    );
    if (complaint === undefined) return;
    if (performance.now() > deadline) throw new Error(`canary topic not ready: ${complaint}`);
    await sleep(roundMs, signal);
  }
}
