import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { patience } from "../connection/patience.ts";
import type { Batch, Lane } from "./lane.ts";
import type { TopicMetadata } from "../protocol/read-requests.ts";

/** A batch on its way to a broker. */
export interface Sent {
  readonly lane: Lane;
  readonly batch: Batch;
  readonly broker: number;
  /** performance.now */
  readonly at: number;
  settled: boolean;
}

/** What looks after lanes that can't be written to. */
export interface Recovery {
  /** Lets a lane rest until its leader was looked for. */
  start(lane: Lane, why: string): void;
  /** The same, for a lane without a leader. */
  waitForLeader(lane: Lane): void;
  close(): void;
}

const backOffMs = { first: 50, most: 500 };
const watchMs = 500;
/** Without an answer for so long, the leader is looked for: a frozen one does not say that it is gone. */
const slowMs = 1000;
const tellMs = 1000;
/** A topic that no broker knows is gone, unless a broker has just started. */
const goneTopicMs = 3000;

/**
 * Looks for the leaders of lanes in trouble again and again, takes back what was sent to a broker that
 * is the leader no more, tells of trouble that lasts, and gives a lane up after 30 s.
 */
export function createRecovery(options: {
  readonly cluster: Cluster;
  readonly topic: TopicMetadata;
  readonly lanes: readonly Lane[];
  readonly sent: ReadonlySet<Sent>;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
  /** Takes a batch back: its answer is not waited for any more. */
  readonly lose: (sent: Sent, why: string) => void;
  readonly giveUp: (lane: Lane, reason: { readonly why: string; readonly next: string }) => void;
  /** Called after each look. */
  readonly pump: () => void;
  readonly fail: (error: unknown) => void;
}): Recovery {
  const { cluster, topic, lanes, sent, signal, note } = options;
  let known = topic;
  let running = false;
  let told = false;
  let goneSince: number | undefined;
  const watch = setInterval(watchAll, watchMs);

  function start(lane: Lane, why: string): void {
    lane.resting = true;
    if (lane.trouble === undefined) lane.trouble = { since: performance.now(), why };
    else lane.trouble.why = why;
    run();
  }

  /** A broker that is frozen does not answer: whether its partitions have moved, the others know. */
  function watchAll(): void {
    const now = performance.now();
    for (const { lane, broker, at } of sent) {
      // A broker that holds back answers because of a quota is not silent.
      const since = Math.max(at, cluster.heldBackUntil(broker));
      if (now - since < slowMs || lane.trouble !== undefined) continue;
      lane.trouble = { since, why: `broker ${broker} does not answer` };
      run();
    }
    tellTrouble();
  }

  function run(): void {
    if (running) return;
    running = true;
    recover().catch(options.fail);
  }

  async function recover(): Promise<void> {
    for (let wait = backOffMs.first; ; wait = Math.min(wait * 2, backOffMs.most)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (signal?.aborted === true || lanes.every(({ trouble }) => trouble === undefined)) break;
      await findLeaders();
      const now = performance.now();
      for (const lane of lanes) {
        const { trouble } = lane;
        if (trouble === undefined || now - trouble.since <= patience.movingMs) continue;
        options.giveUp(lane, { why: trouble.why, next: `dp topic describe ${topic.name}` });
      }
      options.pump();
    }
    running = false;
    told = false;
  }

  async function findLeaders(): Promise<void> {
    try {
      const metadata = await cluster.metadata([topic.name]);
      const found = metadata.topics.find(({ name }) => name === topic.name);
      if (found === undefined || found.partitions.length === 0) return missTopic();
      goneSince = undefined;
      known = found;
    } catch (error) {
      const why = error instanceof DpError ? [error.message, error.why] : [messageOf(error)];
      for (const { trouble } of lanes) if (trouble !== undefined) trouble.why = why.join(": ");
      return;
    }
    for (const lane of lanes) {
      const found = known.partitions.find(({ partition }) => partition === lane.partition);
      lane.leader = found?.leader ?? -1;
      if (lane.leader >= 0) lane.resting = false;
      else if (lane.trouble !== undefined) lane.trouble.why = leaderlessText(lane);
    }
    for (const one of sent) {
      if (one.lane.leader === one.broker || one.settled) continue;
      options.lose(one, `broker ${one.broker} does not answer`);
      one.lane.resting = one.lane.leader < 0;
    }
  }

  function missTopic(): void {
    const now = performance.now();
    goneSince ??= now;
    if (now - goneSince < goneTopicMs) return;
    const reason = { why: `topic ${topic.name} is gone`, next: "dp topic list" };
    for (const lane of lanes) options.giveUp(lane, reason);
  }

  function leaderlessText({ partition }: Lane): string {
    const replicas = known.partitions.find((one) => one.partition === partition)?.replicas ?? [];
    const alive = new Set(cluster.nodes().map(({ id }) => id));
    const down = replicas.filter((id) => !alive.has(id));
    const why = down.length === 0 ? "" : `: broker ${down.join(", ")} does not run`;
    return `partition ${partition} has no leader${why}`;
  }

  function tellTrouble(): void {
    const now = performance.now();
    const long = lanes.filter(({ trouble }) => trouble && now - trouble.since > tellMs);
    if (told || long.length === 0) return;
    told = true;
    const names = long.map(({ partition }) => partition).join(", ");
    note?.(
      `can't write to partition ${names} of ${topic.name}: ${long[0]?.trouble?.why}; ` +
        `trying for ${patience.movingMs / 1000} s (dp topic describe ${topic.name})`,
    );
  }

  return {
    start,
    waitForLeader: (lane) => start(lane, leaderlessText(lane)),
    close: () => clearInterval(watch),
  };
}
