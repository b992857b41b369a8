import { open } from "node:fs/promises";
import { join } from "node:path";
import { openCluster } from "../../src/kafka/cluster/cluster.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import { time } from "../measure.ts";
import { createStack, type BenchStack } from "../stack.ts";

/** A stack of ZooKeeper and one broker, and topics whose records are what the benches say. */
export interface BenchLog extends AsyncDisposable {
  readonly stack: BenchStack;
  /** `host:port` */
  readonly broker: string;
  /** Whether kcat is on this machine and can reach the broker. */
  readonly hasKcat: boolean;
  /** A topic with these records, and the file of lines that it was filled from. */
  load(wanted: LoggedTopic): Promise<string>;
  /** How many records a topic holds. */
  count(topic: string): Promise<number>;
}

export interface LoggedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly records: number;
  readonly bytes: number;
  /** How often the file is written to the topic; once unless given. */
  readonly times?: number;
}

/** What reading and writing is measured with. */
export const million = { partitions: 4, records: 1_000_000, bytes: 100 };

export async function createLog(given: {
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}): Promise<BenchLog> {
  const { signal, note } = given;
  const stack = await createStack("zookeeper:\nkafka:\n", signal);
  await stack.run(["up"]);
  const { stdout } = await stack.run(["env", "--json"]);
  const broker = (JSON.parse(stdout) as Record<string, string>)["KAFKA_BOOTSTRAP_SERVERS"] ?? "";
  const hasKcat = await canRun(["kcat", "-L", "-b", broker], signal);
  if (!hasKcat) note("kcat: not on this machine, or it can't reach the broker");
  const count = (topic: string): Promise<number> => countRecords(broker, topic);
  return {
    stack,
    broker,
    hasKcat,
    count,
    async load(wanted) {
      const { topic, partitions, records, bytes, times = 1 } = wanted;
      note(`${topic}: writing ${records * times} records of ${bytes} B`);
      const file = join(stack.folder, `${topic}.txt`);
      await writeLines(file, wanted);
      await stack.run(["topic", "create", topic, "-p", String(partitions)]);
      const files = Array.from({ length: times }, () => file);
      await stack.run(["topic", "produce", topic, ...files], { timeoutMs: 300_000 });
      const found = await count(topic);
      if (found !== records * times) throw new Error(`${topic} holds ${found} records`);
      return file;
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function canRun(command: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await time({ command, signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function countRecords(broker: string, topic: string): Promise<number> {
  const [host = "", port] = broker.split(":");
  const cluster = openCluster({ bootstrap: [{ host, port: Number(port) }] });
  try {
    const ranges = await rangesOf({ cluster, topics: [topic] });
    return ranges.reduce((sum, { logStart, end }) => sum + end - logStart, 0);
  } finally {
    cluster.close();
  }
}

/** Lines that are all different, each with its line feed one byte longer than the record. */
async function writeLines(
  path: string,
  { records, bytes }: { readonly records: number; readonly bytes: number },
): Promise<void> {
  await using file = await open(path, "w");
  const block = Math.max(1, Math.floor(1_000_000 / bytes));
  for (let first = 0; first < records; first += block) {
    const length = Math.min(block, records - first);
    const lines = Array.from({ length }, (_, index) =>
      `${first + index} `.padEnd(bytes, "x").slice(0, bytes),
    );
    await file.write(`${lines.join("\n")}\n`);
  }
}
