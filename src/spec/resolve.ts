import path from "node:path";
import type {
  ImageSettings,
  KafkaSettings,
  PortChoice,
  Stack,
  TopicSettings,
  ZooKeeperSettings,
} from "../stack/model.ts";
import { defaults } from "./defaults.ts";
import type { Spec } from "./schema.ts";
import { parseConfigValue, parseSize } from "./units.ts";

export interface ResolveInput {
  readonly spec: Spec;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** The stack's name. */
  readonly name: string;
  /** "auto" makes every host port a free one, whatever the file says. */
  readonly ports: "written" | "auto";
}

/** What the file means, with every default filled in: the only place that knows defaults. */
export function resolve(input: ResolveInput): Stack {
  const { spec, file, name } = input;
  const zookeeper = resolveZooKeeper(input);
  const kafka = resolveKafka(input);
  return {
    name,
    file,
    zookeeper,
    kafka,
    topics: writtenTopics(spec.topics).map(([topicName, written]) =>
      resolveTopic({ name: topicName, written, file, brokers: kafka?.brokers ?? defaults.brokers }),
    ),
    images: resolveImages(spec),
  };
}

function resolveZooKeeper({ spec, ports }: ResolveInput): ZooKeeperSettings | undefined {
  const written = present(spec.zookeeper);
  if (!written) return undefined;
  return {
    port: ports === "auto" ? "auto" : (written.port ?? defaults.zookeeperPort),
    heapBytes: sizeOf(written.heap ?? defaults.zookeeperHeap),
    memLimitBytes: optionalSize(written.mem_limit),
    config: resolveConfig(written.config),
  };
}

function resolveKafka({ spec, ports }: ResolveInput): KafkaSettings | undefined {
  const isImplied = spec.kafka === undefined && writtenTopics(spec.topics).length > 0;
  const written = isImplied ? {} : present(spec.kafka);
  if (!written) return undefined;
  const mode = present(spec.zookeeper) ? "zookeeper" : "kraft";
  const brokers = written.brokers ?? defaults.brokers;
  return {
    mode,
    version:
      written.version ??
      (mode === "zookeeper" ? defaults.kafkaVersionWithZookeeper : defaults.kafkaVersion),
    brokers,
    ports: brokerPorts({ written: ports === "auto" ? "auto" : written.port, brokers }),
    image: written.image,
    heapBytes: sizeOf(written.heap ?? defaults.kafkaHeap),
    memLimitBytes: optionalSize(written.mem_limit),
    config: resolveConfig(written.config),
    environment: written.environment ?? {},
  };
}

function brokerPorts(input: {
  written: PortChoice | readonly PortChoice[] | undefined;
  brokers: number;
}): PortChoice[] {
  const { written = defaults.kafkaPort, brokers } = input;
  if (typeof written === "object") return [...written];
  return Array.from({ length: brokers }, (_, index) =>
    written === "auto" ? "auto" : written + index * defaults.kafkaPortStep,
  );
}

type WrittenTopic = Exclude<
  Exclude<Exclude<Spec["topics"], false | null | undefined>, string[]>[string],
  false | null
>;

/** Topics of the map or the list form; those set to false are left out. */
function writtenTopics(topics: Spec["topics"]): (readonly [string, WrittenTopic])[] {
  if (Array.isArray(topics)) return topics.map((name) => [name, {}] as const);
  return Object.entries(topics || {}).flatMap(([name, topic]) => {
    const written = present(topic);
    return written ? [[name, written] as const] : [];
  });
}

function resolveTopic(input: {
  name: string;
  written: WrittenTopic;
  file: string;
  brokers: number;
}): TopicSettings {
  const { name, written, file, brokers } = input;
  return {
    name,
    partitions: written.partitions ?? defaults.partitions,
    replication: written.replication ?? Math.min(defaults.maxReplication, brokers),
    config: resolveConfig(written.config),
    written: { partitions: written.partitions, replication: written.replication },
    seed: written.seed === undefined ? undefined : path.resolve(path.dirname(file), written.seed),
  };
}

function resolveImages(spec: Spec): ImageSettings {
  const written = present(spec.images) ?? {};
  return {
    prefix: written.prefix?.replace(/\/+$/, ""),
    pull: written.pull ?? defaults.pull,
    build: written.build ?? defaults.build,
  };
}

/** Durations and sizes as Kafka wants them: plain numbers. */
function resolveConfig(
  written: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(written ?? {}).map(([key, value]) => [
      key,
      parseConfigValue(key, value) ?? value,
    ]),
  );
}

/** A section's settings: nothing means defaults, false and absent mean absent. */
function present<T extends object>(section: T | false | null | undefined): T | undefined {
  if (section === false || section === undefined) return undefined;
  return section ?? ({} as T);
}

function sizeOf(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new TypeError(`not a size: ${text}`);
  return bytes;
}

function optionalSize(text: string | undefined): number | undefined {
  return text === undefined ? undefined : sizeOf(text);
}
