import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { ByteSink } from "../../src/kafka/records/byte-sink.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { parseDecoding, type Decoding } from "../../src/kafka/records/decoding.ts";
import { jsonLineWriter } from "../../src/kafka/records/json-line.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { parseJsonRecord, type NewRecord } from "../../src/kafka/records/record.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { readTopic } from "../support/kafka-records.ts";
import { createRandom } from "../support/random.ts";
import { randomJson } from "../support/random-json.ts";
import { randomRecord } from "../support/random-record.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";

/** What a line of `tail --json` says beside the topic: its text, as numbers lose digits when parsed. */
const contentOf = (line: string): string => line.replace(/^\{"topic":"[^"]*",/, "{");

describe.each(["zookeeper", "kraft"] as const)("records with %s", (mode) => {
  let running: ClusterAccess;
  let cluster: Cluster;

  beforeAll(async () => {
    running = await sharedCluster(mode);
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(() => cluster?.close());

  async function newTopic(): Promise<string> {
    const name = uniqueName("records");
    // Kafka 4 refuses times that lie ahead unless it is told otherwise.
    const config = { "message.timestamp.after.max.ms": "9223372036854775807" };
    await createTopic(cluster, { name, partitions: 1, replication: 1, config });
    await waitForTopics([{ name, partitions: 1 }], { cluster, timeoutMs: 20_000 });
    return name;
  }

  async function write(topic: string, records: readonly NewRecord[]): Promise<void> {
    const { failure } = await produceRecords({ cluster, topic, records, compression: "gzip" });
    expect(failure).toBeUndefined();
  }

  /** The lines of `tail --json`. */
  async function linesOf(topic: string, decoding: Decoding = {}): Promise<string[]> {
    const sink = new ByteSink();
    const append = jsonLineWriter({ decoding });
    for (const record of await readTopic(cluster, topic)) append(record, sink);
    return sink.take().toString().trimEnd().split("\n");
  }

  test("random ones must come back the same by JSON lines, bit for bit", async () => {
    const random = createRandom(mode.length);
    const sent = Array.from({ length: 600 }, () => randomRecord(random));
    const [first, second] = [await newTopic(), await newTopic()];
    await write(first, sent);
    const lines = await linesOf(first);
    expect(lines.map(parseJsonRecord)).toEqual(sent);
    await write(second, lines.map(parseJsonRecord));
    expect((await linesOf(second)).map(contentOf)).toEqual(lines.map(contentOf));
  });

  test("kcat must read what dp wrote, byte for byte", async () => {
    const topic = await newTopic();
    const random = createRandom(7);
    const sent = Array.from({ length: 300 }, () => randomRecord(random));
    await write(topic, sent);
    const format = "%o %T %K %S %k%s %h\\n";
    const { stdout } = await execa(
      "kcat",
      ["-C", "-b", running.bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-f", format],
      { encoding: "buffer", stripFinalNewline: false, timeout: 20_000 },
    );
    const expected = sent.map((record, offset) => asKcatWrites(record, offset));
    const linesIn = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").split("\n");
    expect(linesIn(stdout)).toEqual(linesIn(Buffer.concat(expected)));
  });

  test("a Java client reads what dp wrote, and gets its own JSON back unchanged", async () => {
    const [topic, copy] = [await newTopic(), await newTopic()];
    const random = createRandom(13);
    // A string becomes its characters and null no value: both are other records.
    const texts = Array.from({ length: 600 }, () => randomJson(random))
      .filter((text) => !/^["n]/.test(text))
      .slice(0, 200);
    await running.exec(
      1,
      [
        "/opt/kafka/bin/kafka-console-producer.sh",
        "--bootstrap-server=127.0.0.1:9092",
        `--topic=${topic}`,
        "--property=parse.key=true",
        "--property=key.separator=|",
      ],
      texts.map((text) => `${text}|${text}\n`).join(""),
    );
    const lines = await linesOf(topic, parseDecoding("key=json,value=json"));
    expect(lines).toHaveLength(texts.length);
    const sent = [
      ...lines.map((line) => ({ ...parseJsonRecord(line), timestamp: 1 })),
      ...Array.from({ length: 300 }, () => randomRecord(random)),
    ];
    await write(copy, sent);
    const property = mode === "kraft" ? "--formatter-property" : "--property";
    const java = await running.exec(1, [
      "/opt/kafka/bin/kafka-console-consumer.sh",
      "--bootstrap-server=127.0.0.1:9092",
      `--topic=${copy}`,
      "--from-beginning",
      `--max-messages=${sent.length}`,
      "--timeout-ms=60000",
      `${property}=print.timestamp=true`,
      `${property}=print.key=true`,
    ]);
    const json = texts.map((text) => `CreateTime:1\t${text}\t${text}`);
    const others = sent.slice(texts.length).map(asJavaWrites);
    expect(java).toBe([...json, ...others].join("\n"));
  });

  test("dp must read what kcat wrote, and give it back by JSON lines", async () => {
    const [topic, copy] = [await newTopic(), await newTopic()];
    const produce = ["-P", "-b", running.bootstrap, "-t", topic, "-K", ":", "-Z", "-z", "snappy"];
    await execa("kcat", [...produce, "-H", "a=1", "-H", "a=ü", "-H", "empty="], {
      input: Buffer.concat([Buffer.from("k:v\nü:\n:x\nraw:"), Buffer.from([0xff, 0, 0xc3, 10])]),
      timeout: 20_000,
    });
    const lines = await linesOf(topic);
    const headers = [
      { key: "a", value: "1" },
      { key: "a", value: "ü" },
      { key: "empty", value: "" },
    ];
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { offset: 0, key: "k", value: "v", headers },
      { offset: 1, key: "ü", value: null, headers },
      { offset: 2, key: null, value: "x", headers },
      { offset: 3, key: "raw", value: { base64: "/wDD" }, headers },
    ]);
    await write(copy, lines.map(parseJsonRecord));
    expect((await linesOf(copy)).map(contentOf)).toEqual(lines.map(contentOf));
  });
});

/** As Kafka's console consumer prints time, key and value; bytes that are not UTF-8 as they are decoded. */
function asJavaWrites({ key, value, timestamp }: NewRecord): string {
  const tab = Buffer.from("\t");
  const none = Buffer.from("null");
  const time = Buffer.from(`CreateTime:${timestamp}`);
  return Buffer.concat([time, tab, key ?? none, tab, value ?? none]).toString();
}

/**
 * As kcat's -f `%o %T %K %S %k%s %h`: null has length -1, a header without a value reads NULL, and the
 * texts of headers end at a zero byte.
 */
function asKcatWrites({ key, value, headers, timestamp }: NewRecord, offset: number): Buffer {
  const lengths = [key, value].map((bytes) => bytes?.length ?? -1);
  const untilZero = (bytes: Buffer): Buffer => bytes.subarray(0, [...bytes, 0].indexOf(0));
  const parts = headers.flatMap((header, index) => [
    Buffer.from(index === 0 ? "" : ","),
    untilZero(Buffer.from(header.key)),
    Buffer.from("="),
    header.value === null ? Buffer.from("NULL") : untilZero(header.value),
  ]);
  return Buffer.concat([
    Buffer.from(`${offset} ${timestamp} ${lengths.join(" ")} `),
    key ?? Buffer.alloc(0),
    value ?? Buffer.alloc(0),
    Buffer.from(" "),
    ...parts,
    Buffer.from("\n"),
  ]);
}
