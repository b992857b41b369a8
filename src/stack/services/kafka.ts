import { createHash } from "node:crypto";
import type { ConfigFile, ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { SettledKafka, SettledStack, SettledZooKeeper } from "../../model/settled.ts";
import { brokerService, containerName, volumeName } from "../names.ts";
import { formatProperties } from "../properties.ts";
import { jvmEnvironment } from "./jvm.ts";
import { zookeeperConnect } from "./zookeeper.ts";

const configPath = "/etc/dp/server.properties";
const metaPath = "/etc/dp/meta.properties";
const startPath = "/etc/dp/start.sh";
export const kafkaDataPath = "/var/lib/kafka/data";
/** Listener for other containers, under the service's name. */
export const internalPort = 9092;
/** Listener whose port is published on the host. */
export const externalPort = 19092;
export const controllerPort = 9093;

/** One container for each broker; in KRaft mode the first ones are also controllers. */
export function kafkaContainers(stack: SettledStack): ContainerSpec[] {
  const { kafka } = stack;
  if (!kafka) return [];
  return kafka.ports.map((hostPort, index) => {
    const id = index + 1;
    const service = brokerService(id);
    return {
      service,
      kind: "kafka",
      name: containerName(stack.name, service),
      image: kafka.image,
      command: startCommand(kafka),
      environment: {
        ...jvmEnvironment(kafka.heapBytes),
        EXTRA_ARGS: "-name kafkaServer",
        ...kafka.environment,
      },
      files: configFiles({ stack, kafka, id, hostPort }),
      volumes: [{ name: volumeName(stack.name, service), target: kafkaDataPath }],
      binds: [],
      ports: [{ containerPort: externalPort, hostIp: "127.0.0.1", hostPort }],
      ...(kafka.aliases.length > 0
        ? { aliases: distinct(kafka.aliases.map(({ name }) => name)) }
        : {}),
      memLimitBytes: kafka.memLimitBytes,
      // Three brokers that hand over their partitions at once need 1.5-2.6 s on two cores; a KRaft
      // node whose quorum is gone would wait for minutes.
      stopTimeoutS: kafka.mode === "zookeeper" ? 30 : 10,
      dataTraits: {
        mode: kafka.mode,
        version: kafka.version,
        ...(kafka.mode === "kraft" ? { voters: String(kafka.voters) } : {}),
      },
    };
  });
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

interface BrokerConfigInput {
  readonly stack: SettledStack;
  readonly kafka: SettledKafka;
  readonly id: number;
  readonly hostPort: number;
}

function startCommand(kafka: SettledKafka): string[] {
  return kafka.mode === "zookeeper"
    ? ["/opt/kafka/bin/kafka-server-start.sh", configPath]
    : ["/bin/sh", startPath];
}

function configFiles(input: BrokerConfigInput): ConfigFile[] {
  const server = { path: configPath, content: formatProperties(brokerProperties(input)) };
  if (input.kafka.mode === "zookeeper") return [server];
  return [
    server,
    { path: metaPath, content: formatProperties(metaProperties(input)) },
    { path: startPath, content: kraftStartScript, mode: 0o755 },
  ];
}

/** https://kafka.apache.org/39/documentation.html#brokerconfigs */
function brokerProperties(input: BrokerConfigInput): Record<string, string | number> {
  const { stack, kafka, id, hostPort } = input;
  const replication = Math.min(3, kafka.brokers);
  const minIsr = kafka.brokers >= 3 ? 2 : 1;
  return {
    ...(stack.zookeeper ? zookeeperIdentity(input, stack.zookeeper) : kraftIdentity(input)),
    "advertised.listeners": plainListeners(kafka)
      .map(({ name, port }) =>
        name === externalName
          ? `${name}://127.0.0.1:${hostPort}`
          : `${name}://${brokerService(id)}:${port}`,
      )
      .join(","),
    "inter.broker.listener.name": "INTERNAL",
    "log.dirs": kafkaDataPath,
    "auto.create.topics.enable": "false",
    "num.partitions": 1,
    "default.replication.factor": replication,
    "min.insync.replicas": minIsr,
    "offsets.topic.replication.factor": replication,
    "offsets.topic.num.partitions": 5,
    "transaction.state.log.replication.factor": replication,
    "transaction.state.log.min.isr": minIsr,
    "transaction.state.log.num.partitions": 5,
    ...(isBefore4(kafka.version)
      ? {}
      : {
          "share.coordinator.state.topic.replication.factor": replication,
          "share.coordinator.state.topic.min.isr": minIsr,
        }),
    "group.initial.rebalance.delay.ms": 0,
    "controlled.shutdown.retry.backoff.ms": 200,
    "replica.lag.time.max.ms": 10_000,
    "replica.fetch.backoff.ms": 100,
    "leader.imbalance.check.interval.seconds": 15,
    "log.cleaner.dedupe.buffer.size": 4_194_304,
    ...kafka.config,
  };
}

const externalName = "EXTERNAL";

interface Listener {
  readonly name: string;
  readonly port: number;
}

/** Those for clients: an alias with a port that no other listener has gets one. */
function plainListeners({ aliases }: SettledKafka): Listener[] {
  const ports = distinct(aliases.map(({ port }) => port)).filter((port) => port !== internalPort);
  return [
    { name: "INTERNAL", port: internalPort },
    { name: externalName, port: externalPort },
    ...ports.toSorted((a, b) => a - b).map((port) => ({ name: `ALIAS_${port}`, port })),
  ];
}

/** The properties that bind the listeners. */
function bound(listeners: readonly Listener[]): Record<string, string> {
  return {
    listeners: listeners.map(({ name, port }) => `${name}://:${port}`).join(","),
    "listener.security.protocol.map": listeners.map(({ name }) => `${name}:PLAINTEXT`).join(","),
  };
}

function isBefore4(version: string): boolean {
  return Number.parseInt(version, 10) < 4;
}

function zookeeperIdentity(
  { id, kafka }: BrokerConfigInput,
  zookeeper: SettledZooKeeper,
): Record<string, string | number> {
  return {
    "broker.id": id,
    "broker.rack": `rack-${id}`,
    "zookeeper.connect": zookeeperConnect(zookeeper),
    "zookeeper.session.timeout.ms": 6000,
    "zookeeper.connection.timeout.ms": 30_000,
    ...bound(plainListeners(kafka)),
  };
}

function kraftIdentity({ kafka, id }: BrokerConfigInput): Record<string, string | number> {
  const voters = Array.from(
    { length: kafka.voters },
    (_, index) => `${index + 1}@${brokerService(index + 1)}:${controllerPort}`,
  );
  const isController = id <= kafka.voters;
  const listeners = plainListeners(kafka);
  const controller = { name: "CONTROLLER", port: controllerPort };
  return {
    "process.roles": isController ? "broker,controller" : "broker",
    "node.id": id,
    "broker.rack": `rack-${id}`,
    "controller.quorum.voters": voters.join(","),
    "controller.listener.names": "CONTROLLER",
    // Every node speaks to the controllers.
    ...bound([...listeners, controller]),
    ...(isController ? {} : { listeners: bound(listeners)["listeners"] ?? "" }),
    "broker.session.timeout.ms": 6000,
    "broker.heartbeat.interval.ms": 1000,
  };
}

/** https://cwiki.apache.org/confluence/display/KAFKA/KIP-858: one directory id for each log dir. */
function metaProperties({ stack, id }: BrokerConfigInput): Record<string, string | number> {
  return {
    version: 1,
    "cluster.id": derivedUuid(`${stack.name}/cluster`),
    "node.id": id,
    "directory.id": derivedUuid(`${stack.name}/directory/${id}`),
  };
}

/** A Kafka Uuid: 16 bytes, base64url without padding. */
function derivedUuid(purpose: string): string {
  return createHash("sha256").update(purpose).digest().subarray(0, 16).toString("base64url");
}

/**
 * Formatting by hand saves a JVM start of about a second. bootstrap.checkpoint holds feature levels
 * only and is made when the image is built; an image without it formats by its own tool. A start that
 * was killed in the midst of this leaves no meta.properties, without which no node starts: it is done again.
 */
const kraftStartScript = `#!/bin/sh
set -e
data=${kafkaDataPath}
case "$(ls -A "$data")" in
"" | bootstrap.checkpoint | bootstrap.checkpoint?meta.properties.tmp)
  if [ -f /opt/kafka/bootstrap.checkpoint ]; then
    cp /opt/kafka/bootstrap.checkpoint "$data/bootstrap.checkpoint"
    cp ${metaPath} "$data/meta.properties.tmp"
    mv "$data/meta.properties.tmp" "$data/meta.properties"
  else
    id=$(sed -n 's/^cluster.id=//p' ${metaPath})
    /opt/kafka/bin/kafka-storage.sh format -t "$id" -c ${configPath}
  fi
  ;;
esac
exec /opt/kafka/bin/kafka-server-start.sh ${configPath}
`;

export function kafkaReadiness(stack: SettledStack): ReadinessGroup[] {
  const { kafka } = stack;
  if (!kafka) return [];
  const brokers = kafka.ports.map((port, index) => ({
    id: index + 1,
    service: brokerService(index + 1),
    address: { host: "127.0.0.1", port },
  }));
  return [
    {
      name: "kafka",
      services: brokers.map(({ service }) => service),
      needs: stack.zookeeper ? ["zookeeper"] : [],
      probe: { kind: "kafka", brokers },
    },
  ];
}
