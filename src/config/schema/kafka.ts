import * as z from "zod";
import { defaults } from "../defaults.ts";
import { partitionLimits } from "../units.ts";
import {
  environment,
  heap,
  image,
  memory,
  mustBePort,
  pathOf,
  port,
  portNumber,
  properties,
  section,
  version,
  wholeNumber,
} from "./parts.ts";

export const zookeeper = z.strictObject({
  nodes: z
    .literal([1, 3, 5], { error: "must be 1, 3 or 5" })
    .describe("Number of ZooKeeper nodes. It can't change while the stack has data.")
    .meta({ default: defaults.zookeeperNodes })
    .optional(),
  port: port
    .describe(
      "Port of the first node on this machine. Node 2 uses this port + 1, and so on. `auto` picks free ports.",
    )
    .meta({ default: defaults.zookeeperPort })
    .optional(),
  heap: heap
    .describe("Java heap of each node.")
    .meta({ default: defaults.zookeeperHeap })
    .optional(),
  mem_limit: memory.describe("Memory limit of each container. Default: no limit.").optional(),
  config: properties
    .describe(
      "Settings of zoo.cfg, e.g. `tickTime: 1000`. Addresses, ids, and folders are set by dp and rejected here.",
    )
    .optional(),
});

const mustBePorts = `${mustBePort}, or a list with one for each broker`;

const mustBeAliases = 'must be a list of names with a port, such as ["broker:29092"]';

export const kafka = z.strictObject({
  version: version("must be a Kafka version such as 4.3.1", /^\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$/)
    .describe(
      `Kafka version. Default: ${defaults.kafkaVersionWithZookeeper} with a \`zookeeper\` section, because Kafka 4 has no ZooKeeper mode, and ${defaults.kafkaVersion} without.`,
    )
    .optional(),
  brokers: wholeNumber({ min: 1, max: defaults.maxBrokers })
    .describe(
      "Number of brokers. The default replication factor and `min.insync.replicas` depend on it.",
    )
    .meta({ default: defaults.brokers })
    .optional(),
  port: z
    .union([portNumber, z.array(port, { error: mustBePorts }), z.literal("auto")], {
      error: mustBePorts,
    })
    .describe(
      "Port of the first broker on this machine. Broker 2 uses this port + 1000, and so on. A list sets one port for each broker. `auto` picks free ports.",
    )
    .meta({ default: defaults.kafkaPort })
    .optional(),
  aliases: z
    .array(
      z
        .string({ error: "must be a name and a port such as broker:29092" })
        .meta({ title: "alias" }),
      { error: mustBeAliases },
    )
    .describe(
      "Other addresses of the brokers inside the network, e.g. `broker:29092`, for code that already contains one. Each name reaches all brokers. Each port other than 9092 becomes a listener, which advertises the broker's own name.",
    )
    .optional(),
  image: image
    .describe("Image to use instead of the official image, also for ZooKeeper.")
    .optional(),
  heap: heap.describe("Java heap of each broker.").meta({ default: defaults.kafkaHeap }).optional(),
  mem_limit: memory
    .describe("Memory limit of each broker's container. Default: no limit.")
    .optional(),
  config: properties
    .describe(
      "Broker properties, e.g. `log.retention.ms: 7d`. They override the properties that dp sets. Listeners, ids, and folders are rejected.",
    )
    .optional(),
  environment: environment
    .describe("Environment variables of the brokers, e.g. `KAFKA_OPTS`.")
    .optional(),
});

const mustBeSeed = "must be the path of a file, or a map with file and format";

const seedFile = pathOf("a file with a record in each line").describe(
  "Path of a file with one record per line, relative to pipeline.yaml and inside its folder.",
);

const seed = z.strictObject({
  file: seedFile,
  format: z
    .enum(["records", "values"], { error: "must be records or values" })
    .describe(
      "`records`: each line is a record in the form of `dp topic tail --json`, of which only `value` is required. `values`: each line is a value. Default: a line is a record if it is a JSON object with `value`, with `key` or `headers`, and without keys that a record does not have. Any other line is a value.",
    )
    .optional(),
});

const topic = z.strictObject({
  partitions: wholeNumber({ min: partitionLimits.least, max: partitionLimits.most })
    .describe("Number of partitions.")
    .meta({ default: defaults.partitions })
    .optional(),
  replication: wholeNumber({ min: 1, max: defaults.maxBrokers })
    .describe("Replication factor. Default: the number of brokers, at most 3.")
    .optional(),
  config: properties
    .describe("Topic configs, e.g. `retention.ms: 7d` or `cleanup.policy: compact`.")
    .optional(),
  seed: z
    .union([seedFile, seed], { error: mustBeSeed })
    .describe(
      "File with records that `dp up` loads into the topic while it is empty. Write the path, or a map with `file` and `format`. Blank lines are skipped.",
    )
    .optional(),
});

const mustBeTopics = "must be a map of topics, or a list of names";

export const topics = z.union(
  [
    z.record(z.string(), section(topic), { error: mustBeTopics }),
    z.array(z.string({ error: "must be the name of a topic" })),
    z.literal(false),
    z.null(),
  ],
  { error: mustBeTopics },
);
