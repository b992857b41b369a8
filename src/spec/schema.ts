import * as z from "zod";
import { defaults } from "./defaults.ts";
import { sizePattern } from "./units.ts";

/**
 * The language of pipeline.yaml, written once: the type, the checks, the JSON Schema and the
 * reference page come from it. Error texts continue the name of the key: `"brokers" must be …`.
 * Scalars of text keys arrive as they stand in the file, so that 3.10 stays 3.10.
 */

/** Numbers and truth values are text here, too: editors must accept them without quotes. */
const anyScalar = { type: ["string", "number", "boolean"] };
const textOrNumber = { type: ["string", "number"] };

function wholeNumber(range: { min: number; max: number; must: string }) {
  const error = range.must;
  return z.int({ error }).min(range.min, { error }).max(range.max, { error });
}

/** `title` names the kind of text in the JSON Schema and on the reference page. */
function text(form: { pattern: RegExp; must: string; title: string }) {
  const { must: error, title } = form;
  return z.string({ error }).regex(form.pattern, { error }).meta({ title });
}

/** A part of the stack: nothing after the colon means "with defaults", `false` means absent. */
function section<T extends z.ZodType>(schema: T) {
  const error = "must be a map of settings, nothing (defaults) or false (absent)";
  return z.union([schema, z.literal(false), z.null()], { error });
}

const mustBePort = "must be a port from 1 to 65535, or auto";
const portNumber = wholeNumber({ min: 1, max: 65_535, must: mustBePort }).meta({ title: "port" });
const port = z.union([portNumber, z.literal("auto")], { error: mustBePort });

const size = text({
  pattern: sizePattern,
  must: "must be a size such as 512m or 2g",
  title: "size",
}).meta(textOrNumber);

function textMap(must: string) {
  return z.record(z.string(), z.string().meta({ ...anyScalar, title: "value" }), { error: must });
}

const properties = textMap("must be a map of properties");

const zookeeper = z.strictObject({
  port: port
    .describe("Port on this machine; `auto` takes a free one.")
    .meta({ default: defaults.zookeeperPort })
    .optional(),
  heap: size
    .describe("Java heap of the process.")
    .meta({ default: defaults.zookeeperHeap })
    .optional(),
  mem_limit: size.describe("Memory limit of the container. No limit when left out.").optional(),
  config: properties
    .describe(
      "Keys of zoo.cfg, for example `tickTime`. Addresses, ids and folders are set by dp and refused here.",
    )
    .optional(),
});

const mustBePorts = `${mustBePort}, or a list with one for each broker`;

const kafka = z.strictObject({
  version: text({
    pattern: /^\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$/,
    must: "must be a Kafka version such as 4.3.1",
    title: "version",
  })
    .describe(
      `Version of Kafka. ${defaults.kafkaVersionWithZookeeper} with a \`zookeeper\` section (ZooKeeper mode ended with the 3.9 line), ${defaults.kafkaVersion} without.`,
    )
    .meta(textOrNumber)
    .optional(),
  brokers: wholeNumber({
    min: 1,
    max: defaults.maxBrokers,
    must: `must be a whole number from 1 to ${defaults.maxBrokers}`,
  })
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
  image: text({ pattern: /^\S+$/, must: "must be the name of an image", title: "image" })
    .describe("Image to run instead of the official one. ZooKeeper runs from it, too.")
    .optional(),
  heap: size.describe("Java heap of each broker.").meta({ default: defaults.kafkaHeap }).optional(),
  mem_limit: size
    .describe("Memory limit of each broker's container. No limit when left out.")
    .optional(),
  config: properties
    .describe(
      "Broker properties, for example `log.retention.ms: 7d`. They win over what dp sets; listeners, ids and folders are refused.",
    )
    .optional(),
  environment: textMap("must be a map of environment variables")
    .describe("Environment variables of the brokers, for example `KAFKA_OPTS`.")
    .optional(),
});

const topic = z.strictObject({
  partitions: wholeNumber({
    min: 1,
    max: 10_000,
    must: "must be a whole number from 1 to 10000",
  })
    .describe("Number of partitions.")
    .meta({ default: defaults.partitions })
    .optional(),
  replication: wholeNumber({
    min: 1,
    max: defaults.maxBrokers,
    must: `must be a whole number from 1 to ${defaults.maxBrokers}`,
  })
    .describe("Copies of each partition. As many as there are brokers when left out, at most 3.")
    .optional(),
  config: properties
    .describe("Topic properties, for example `retention.ms: 7d` or `cleanup.policy: compact`.")
    .optional(),
  seed: text({ pattern: /\S/, must: "must be the path of a JSONL file", title: "path" })
    .describe(
      "JSONL file with records for the empty topic, as a path relative to pipeline.yaml and inside its folder.",
    )
    .optional(),
});

const mustBeTopics = "must be a map of topics, or a list of names";

const topics = z.union(
  [
    z.record(z.string(), section(topic), { error: mustBeTopics }),
    z.array(z.string({ error: "must be the name of a topic" })),
    z.literal(false),
    z.null(),
  ],
  { error: mustBeTopics },
);

const images = z.strictObject({
  prefix: text({
    pattern: /^[^\s/]\S*$/,
    must: "must be a registry, with or without a folder",
    title: "registry",
  })
    .describe(
      "Registry or mirror to put before every image name, for example `mirror.example/hub`.",
    )
    .optional(),
  pull: z
    .enum(["missing", "always", "never"], { error: "must be missing, always or never" })
    .describe("When images are pulled from the registry.")
    .meta({ default: defaults.pull })
    .optional(),
  build: z
    .enum(["auto", "never", "always"], { error: "must be auto, never or always" })
    .describe("When images are built here; `auto` means when no registry can be reached.")
    .meta({ default: defaults.build })
    .optional(),
});

export const pipelineSchema = z
  .strictObject(
    {
      name: text({
        pattern: /^[a-z][a-z0-9-]{1,39}$/,
        must: "must have 2 to 40 lower-case letters, digits or dashes, and begin with a letter",
        title: "name",
      })
        .describe("Name of the stack. The name of the folder, made valid, when left out.")
        .optional(),
      zookeeper: section(zookeeper)
        .describe("One ZooKeeper node. Without this section Kafka runs in KRaft mode.")
        .optional(),
      kafka: section(kafka)
        .describe("The Kafka brokers. Present also when there are topics.")
        .optional(),
      topics: topics
        .describe("Topics: a map of name to settings (nothing means defaults), or a list of names.")
        .optional(),
      images: section(images).describe("Where container images come from.").optional(),
    },
    { error: "must be a map of sections such as kafka and topics" },
  )
  .describe("One local data platform for dp.")
  .meta({ patternProperties: { "^x-": {} } });

/** What the user wrote, checked key by key; nothing is filled in. */
export type Spec = z.output<typeof pipelineSchema>;
