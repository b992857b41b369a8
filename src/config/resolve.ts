import path from "node:path";
import type {
  ImageSettings,
  KafkaSettings,
  PortChoice,
  Stack,
  TopicSettings,
  ZooKeeperSettings,
} from "../model/settings.ts";
import { defaults } from "./defaults.ts";
import { parseAlias } from "./container-forms.ts";
import type { Spec } from "./schema.ts";
import type { ResolveInput } from "./resolve/input.ts";
import { resolvePythonRequirements } from "./resolve/requirements.ts";
import { resolvePipelines } from "./resolve/pipelines.ts";
import {
  resolveAirflow,
  resolveFileStores,
  resolveServices,
  resolveStores,
} from "./resolve/services.ts";
import { optionalSize, parseConfigValue, sizeOf } from "./units.ts";
import { present, stepsOf, topicsOf, type WrittenTopic } from "./written.ts";
import { badRecordTopic, sinkOf, sourceOf } from "./endpoints.ts";

/** What the file means, with every default filled in: the only place that knows defaults. */
export function resolve(input: ResolveInput): Stack {
  const { spec, file, name, profile } = input;
  const zookeeper = resolveZooKeeper(input);
  const kafka = resolveKafka(input);
  return {
    name,
    file,
    profile,
    zookeeper,
    kafka,
    airflow: resolveAirflow(input),
    stores: resolveStores(input),
    fileStores: resolveFileStores(input),
    services: resolveServices(input),
    topics: topicsOf(spec).map(([topicName, written]) =>
      resolveTopic({ name: topicName, written, file, brokers: kafka?.brokers ?? defaults.brokers }),
    ),
    pipelines: resolvePipelines(input),
    pythonRequirements: resolvePythonRequirements(input),
    images: resolveImages(spec),
  };
}

function resolveZooKeeper({ spec, ports }: ResolveInput): ZooKeeperSettings | undefined {
  const written = present(spec.zookeeper);
  if (!written) return undefined;
  const nodes = written.nodes ?? defaults.zookeeperNodes;
  return {
    nodes,
    ports: portsFrom({
      first: ports === "auto" ? "auto" : (written.port ?? defaults.zookeeperPort),
      count: nodes,
      step: 1,
    }),
    heapBytes: sizeOf(written.heap ?? defaults.zookeeperHeap),
    memLimitBytes: optionalSize(written.mem_limit),
    config: resolveConfig(written.config),
  };
}

function resolveKafka({ spec, ports }: ResolveInput): KafkaSettings | undefined {
  const isImplied = spec.kafka === undefined && usesTopics(spec);
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
    aliases: (written.aliases ?? []).flatMap((text) => parseAlias(text) ?? []),
    image: written.image,
    heapBytes: sizeOf(written.heap ?? defaults.kafkaHeap),
    memLimitBytes: optionalSize(written.mem_limit),
    config: resolveConfig(written.config),
    environment: written.environment ?? {},
  };
}

/** Whether anything in the file needs a broker. */
function usesTopics(spec: Spec): boolean {
  return (
    topicsOf(spec).length > 0 ||
    stepsOf(spec).some(
      ({ step }) =>
        (sourceOf(step)?.topic ?? sinkOf(step)?.topic ?? badRecordTopic(step)) !== undefined,
    )
  );
}

function brokerPorts(input: {
  written: PortChoice | readonly PortChoice[] | undefined;
  brokers: number;
}): PortChoice[] {
  const { written = defaults.kafkaPort, brokers } = input;
  if (typeof written === "object") return [...written];
  return portsFrom({ first: written, count: brokers, step: defaults.kafkaPortStep });
}

function portsFrom({
  first,
  count,
  step,
}: {
  first: PortChoice;
  count: number;
  step: number;
}): PortChoice[] {
  return Array.from({ length: count }, (_, index) =>
    first === "auto" ? "auto" : first + index * step,
  );
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
    seed: resolveSeed(written.seed, file),
  };
}

function resolveSeed(written: WrittenTopic["seed"], file: string): TopicSettings["seed"] {
  if (written === undefined) return undefined;
  const seed = typeof written === "string" ? { file: written } : written;
  return { file: path.resolve(path.dirname(file), seed.file), format: seed.format };
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
