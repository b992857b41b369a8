import { judge } from "../delivery.ts";
import { findPartitions } from "../round-trip.ts";
import type { KafkaCheck, InsideRun, Judgement, ReadRecord, SmokeBroker } from "../model.ts";

const port = 9092;
const recordsPerPartition = 5;
/** Seconds of a check of 20 s, within which Java's tools start and work; a longer check gives them more. */
const producerS = 8;
const consumerS = 10;
const idleS = 4;
const checkS = 20;
const endMs = 2000;

/** A record that the container writes, and the broker it has to reach for that. */
export interface InsideRecord {
  readonly key: string;
  readonly value: string;
  readonly partition: number;
  readonly leader: string;
}

export const insideCheck: KafkaCheck = {
  name: "inside",
  proves: "Each broker accepts and returns records inside the network, under its service name",
  async run({ cluster, canaries, timeoutMs: checkMs, signal }) {
    const topic = await canaries.topic("inside");
    const limit = { timeoutMs: checkMs, signal };
    const best = await findPartitions(cluster, topic.name, limit);
    const records = best.flatMap(({ partition, leader }) => {
      const service = serviceOf(cluster.brokers, leader);
      const chosen = keysFor(partition, (key) => cluster.partitionOf(key, best.length));
      return chosen.map((key) => ({ key, value: `value-of-${key}`, partition, leader: service }));
    });
    const alive = cluster.brokers.filter(({ published }) => published !== undefined);
    const group = canaries.name("inside");
    const script = formatScript({
      topic: topic.name,
      group,
      bootstrap: alive.map(({ service }) => `${service}:${port}`).join(","),
      records,
      scale: Math.max(1, checkMs / 1000 / checkS),
    });
    const timeoutMs = Math.max(checkS * 1000, checkMs);
    let run: InsideRun;
    try {
      signal.throwIfAborted();
      run = await cluster.runInside(script, { timeoutMs, signal });
    } catch (error) {
      const limit = { timeoutMs: endMs, signal: AbortSignal.timeout(endMs) };
      await cluster.runInside(formatEnd(topic.name), limit).catch(() => undefined);
      throw error;
    }
    return judgeInside({ records, run, log: await cluster.read(topic.name) });
  },
};

function serviceOf(brokers: readonly SmokeBroker[], id: number): string {
  return brokers.find((broker) => broker.id === id)?.service ?? `broker ${id}`;
}

/** Keys that the partitioner sends to the partition. */
function keysFor(partition: number, partitionOf: (key: string) => number): string[] {
  const keys: string[] = [];
  for (let index = 0; keys.length < recordsPerPartition; index++) {
    const key = `inside-${index}`;
    if (partitionOf(key) === partition) keys.push(key);
  }
  return keys;
}

/**
 * Kafka's own console tools, which are in every image; each ends by itself, also when nobody listens
 * any more. A small heap keeps a broker's memory limit unharmed.
 */
function formatScript(options: {
  readonly topic: string;
  readonly group: string;
  readonly bootstrap: string;
  readonly records: readonly InsideRecord[];
  /** By how much the tools may take longer than in a check of 20 s. */
  readonly scale: number;
}): string {
  const { topic, group, bootstrap, records, scale } = options;
  const ms = (seconds: number): number => Math.round(seconds * scale * 1000);
  const lines = records.map(({ key, value }) => `${key}=${value}`).join("\n");
  const common = `--bootstrap-server ${bootstrap} --topic ${topic}`;
  return `
unset JMX_PORT KAFKA_JMX_OPTS KAFKA_OPTS
export KAFKA_HEAP_OPTS="-Xms16m -Xmx64m"
PATH=/opt/kafka/bin:$PATH
timeout -s KILL ${producerS * scale} kafka-console-producer.sh ${common} \\
  --property parse.key=true --property key.separator== --producer-property acks=all \\
  --producer-property request.timeout.ms=${ms(3)} --producer-property delivery.timeout.ms=${ms(5)} \\
  --producer-property max.block.ms=${ms(5)} --producer-property linger.ms=0 \\
  --producer-property socket.connection.setup.timeout.ms=${ms(1.5)} >&2 <<'END' || exit 3
${lines}
END
timeout -s KILL ${consumerS * scale} kafka-console-consumer.sh ${common} --group ${group} --from-beginning \\
  --max-messages ${records.length} --timeout-ms ${ms(idleS)} \\
  --property print.partition=true --property print.key=true
`;
}

/** Ends the tools that nobody waits for any more: they would keep the group alive. */
function formatEnd(topic: string): string {
  return `
for process in /proc/[0-9]*; do
  [ "$process" = "/proc/$$" ] || ! grep -q ${topic} "$process/cmdline" || kill "\${process#/proc/}"
done 2>/dev/null
`;
}

/**
 * All records reached the log, on the partitions that dp foresaw for Java's partitioner, and the
 * container read each of them once. Names the broker that took or returned too little. Pure.
 */
export function judgeInside(seen: {
  readonly records: readonly InsideRecord[];
  readonly run: InsideRun;
  /** What the topic holds, read from outside. */
  readonly log: readonly ReadRecord[];
}): Judgement {
  const { records, run, log } = seen;
  const returned = parseConsumed(run.stdout);
  const refusing: string[] = [];
  const losing: string[] = [];
  const doubling: string[] = [];
  for (const leader of new Set(records.map((record) => record.leader))) {
    const own = records.filter((record) => record.leader === leader);
    const where = `${leader}:${port}`;
    const inLog = own.filter(({ key, value, partition }) =>
      log.some((one) => one.key === key && one.value === value && one.partition === partition),
    );
    const counts = own.map(
      ({ key, value, partition }) =>
        returned.filter(
          (one) => one.key === key && one.value === value && one.partition === partition,
        ).length,
    );
    const back = counts.filter((count) => count > 0).length;
    const doubled = counts.filter((count) => count > 1).length;
    if (inLog.length < own.length) refusing.push(`${where} took ${inLog.length} of ${own.length}`);
    else if (back < own.length) losing.push(`${where} returned ${back} of ${own.length}`);
    if (doubled > 0) doubling.push(`${where} returned ${doubled} twice`);
  }
  // Where one can't be reached, it may be the one that the whole group depends on.
  const faults = [...(refusing.length > 0 ? refusing : losing), ...doubling];
  if (returned.length > records.length && faults.length === 0) {
    faults.push(`${returned.length} records came back, ${records.length} were written`);
  }
  if (log.length > records.length) faults.push(`${log.length} records in the log`);
  const from = `from ${run.service}'s container`;
  if (faults.length > 0 || run.exitCode !== 0) {
    const exit = run.exitCode === 0 ? "" : `exit ${run.exitCode}`;
    const words = firstTrouble(run.stderr);
    return judge(false, `${from}: ${[...faults, exit, words].filter(Boolean).join("; ")}`);
  }
  const leaders = [...new Set(records.map(({ leader }) => `${leader}:${port}`))];
  return judge(
    records.length > 0,
    `${records.length} records by Java's clients ${from} through ${leaders.join(", ")}, each back once`,
  );
}

/** Lines of the console consumer: `Partition:N`, key and value between tabs. */
function parseConsumed(stdout: string): { key: string; value: string; partition: number }[] {
  return stdout.split("\n").flatMap((line) => {
    const [, partition, key, value] = /^Partition:(\d+)\t([^\t]*)\t(.*)$/.exec(line) ?? [];
    if (partition === undefined || key === undefined || value === undefined) return [];
    return [{ partition: Number(partition), key, value }];
  });
}

/** The line that says most: who was not reached, else what was thrown; without time and class. */
function firstTrouble(stderr: string): string {
  const lines = stderr.split("\n");
  const patterns = [/Connection to node|Couldn't resolve/, /Exception: ./, /\bERROR\b/, /\bWARN\b/];
  for (const pattern of patterns) {
    const line = lines.find((one) => pattern.test(one));
    if (line !== undefined) {
      return line.replaceAll(/^\[[^\]]*\]\s*|\s*\([\w.$]+\)$/g, "").slice(0, 200);
    }
  }
  return "";
}
