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
    .describe("Number of nodes. It stays what it was when the data was made.")
    .meta({ default: defaults.zookeeperNodes })
    .optional(),
  port: port
    .describe(
      "Port on this machine. A number is for the first node, each further one gets 1 more; `auto` takes free ones.",
    )
    .meta({ default: defaults.zookeeperPort })
    .optional(),
  heap: heap
    .describe("Java heap of the process.")
    .meta({ default: defaults.zookeeperHeap })
    .optional(),
  mem_limit: memory.describe("Memory limit of the container. No limit when left out.").optional(),
  config: properties
    .describe(
      "Keys of zoo.cfg, for example `tickTime`. Addresses, ids and folders are set by dp and refused here.",
    )
    .optional(),
});

const mustBePorts = `${mustBePort}, or a list with one for each broker`;

export const kafka = z.strictObject({
  version: version("must be a Kafka version such as 4.3.1", /^\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$/)
    .describe(
      `Version of Kafka. ${defaults.kafkaVersionWithZookeeper} with a \`zookeeper\` section (ZooKeeper mode ended with the 3.9 line), ${defaults.kafkaVersion} without.`,
    )
    .optional(),
  brokers: wholeNumber({ min: 1, max: defaults.maxBrokers })
    .describe("Number of brokers. Replication factors and minimum in-sync replicas follow it.")
    .meta({ default: defaults.brokers })
    .optional(),
  port: z
    .union([portNumber, z.array(port, { error: mustBePorts }), z.literal("auto")], {
      error: mustBePorts,
    })
    .describe(
      "Port on this machine. A number is for the first broker, each further one gets 1000 more; a list has one for each broker; `auto` takes free ones.",
    )
    .meta({ default: defaults.kafkaPort })
    .optional(),
  image: image
    .describe("Image to run instead of the official one. ZooKeeper runs from it, too.")
    .optional(),
  heap: heap.describe("Java heap of each broker.").meta({ default: defaults.kafkaHeap }).optional(),
  mem_limit: memory
    .describe("Memory limit of each broker's container. No limit when left out.")
    .optional(),
  config: properties
    .describe(
      "Broker properties, for example `log.retention.ms: 7d`. They win over what dp sets; listeners, ids and folders are refused.",
    )
    .optional(),
  environment: environment
    .describe("Environment variables of the brokers, for example `KAFKA_OPTS`.")
    .optional(),
});

const mustBeSeed = "must be the path of a file, or a map with file and format";

const seedFile = pathOf("a file with a record in each line").describe(
  "File with a record in each line, as a path relative to pipeline.yaml and inside its folder.",
);

const seed = z.strictObject({
  file: seedFile,
  format: z
    .enum(["records", "values"], { error: "must be records or values" })
    .describe(
      "`records`: each line is a record as `dp topic tail --json` prints it, of which only `value` must be there. `values`: each line is a value. When left out, a line is a record if it is a JSON object with `value` and with `key` or `headers`, and no other keys than those of a record.",
    )
    .optional(),
});

const topic = z.strictObject({
  partitions: wholeNumber({ min: partitionLimits.least, max: partitionLimits.most })
    .describe("Number of partitions.")
    .meta({ default: defaults.partitions })
    .optional(),
  replication: wholeNumber({ min: 1, max: defaults.maxBrokers })
    .describe("Copies of each partition. As many as there are brokers when left out, at most 3.")
    .optional(),
  config: properties
    .describe("Topic properties, for example `retention.ms: 7d` or `cleanup.policy: compact`.")
    .optional(),
  seed: z
    .union([seedFile, seed], { error: mustBeSeed })
    .describe(
      "File with records for the empty topic, one in each line: its path relative to pipeline.yaml and inside its folder, or a map with `file` and `format`. Blank lines are skipped.",
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
