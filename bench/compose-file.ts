import type { ContainerSpec } from "../src/model/containers.ts";

/** The file of a stack for docker compose, with checks every second: JSON is YAML, too. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, object>>;
}

/** A topic that compose gets made by a container of its own, as its users do. */
export interface ComposeTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
}

const kafkaTopics = "/opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka-1:9092";
const noTimeout = { interval: "1s", timeout: "2s", retries: 90 };

/**
 * What dp would run in containers, for compose: the same image, commands, environment and
 * configuration files, which lie below `folder/<service>`.
 */
export function composeFile(
  specs: readonly ContainerSpec[],
  { folder, topics }: { readonly folder: string; readonly topics: readonly ComposeTopic[] },
): ComposeFile {
  const zookeepers = specs.filter(({ kind }) => kind === "zookeeper");
  const brokers = specs.filter(({ kind }) => kind === "kafka");
  const service = (spec: ContainerSpec): object => ({
    image: spec.image.ref,
    hostname: spec.service,
    command: spec.command,
    environment: spec.environment,
    ports: spec.ports.map(
      ({ hostIp, hostPort, containerPort }) => `${hostIp}:${hostPort}:${containerPort}`,
    ),
    volumes: [
      ...spec.files.map(({ path }) => `${folder}/${spec.service}${path}:${path}:ro`),
      ...spec.volumes.map(({ target }) => `${spec.service}-data:${target}`),
    ],
    healthcheck: { test: ["CMD", "bash", "-c", checks[spec.kind] ?? "true"], ...noTimeout },
    ...(spec.kind === "kafka" ? { depends_on: when("service_healthy", zookeepers) } : {}),
  });
  const init = {
    image: brokers[0]?.image.ref,
    command: ["sh", "-c", topics.map(createTopic).join(" && ")],
    depends_on: when("service_healthy", brokers),
    restart: "no",
  };
  // `up --wait` fails on a container that ends; one that waits for its end is the way round.
  const ready = {
    image: brokers[0]?.image.ref,
    command: ["sleep", "infinity"],
    init: true,
    depends_on: { init: { condition: "service_completed_successfully" } },
  };
  return {
    services: {
      ...Object.fromEntries(specs.map((spec) => [spec.service, service(spec)])),
      ...(topics.length > 0 ? { init, ready } : {}),
    },
    volumes: Object.fromEntries(specs.map((spec) => [`${spec.service}-data`, {}])),
  };
}

const checks: Readonly<Record<string, string>> = {
  zookeeper: "exec 3<>/dev/tcp/127.0.0.1/2181; printf ruok >&3; head -c 4 <&3 | grep -q imok",
  kafka: "exec 3<>/dev/tcp/127.0.0.1/9092",
};

function when(condition: string, specs: readonly ContainerSpec[]): object {
  return Object.fromEntries(specs.map(({ service }) => [service, { condition }]));
}

function createTopic({ name, partitions, replication }: ComposeTopic): string {
  return `${kafkaTopics} --create --if-not-exists --topic ${name} --partitions ${partitions} --replication-factor ${replication}`;
}
