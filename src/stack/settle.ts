import { basename } from "node:path";
import type { Observed, ResolvedImage, SettledService, SettledStack } from "./model.ts";
import { airflowService, brokerService, zookeeperService } from "./names.ts";
import { postgresPort } from "./network-addresses.ts";
import { airflowPort } from "./services/airflow.ts";
import { externalPort } from "./services/kafka.ts";
import { zookeeperClientPort } from "./services/zookeeper.ts";
import type { PortChoice, Stack } from "./settings.ts";

/** Key of the image that the brokers and ZooKeeper share; all others are keyed by their service. */
export const kafkaImageKey = "kafka";

/** Texts that the containers get, read before planning. */
export interface StackTexts {
  readonly airflowStarter: string;
  /** Absolute path of each store's init files → content. */
  readonly initScripts: ReadonlyMap<string, string>;
}

export interface SettleInput {
  readonly stack: Stack;
  readonly observed: Observed;
  /** At least as many as `autoPortCount(stack)`, none of them in use. */
  readonly freePorts: readonly number[];
  /** Ports that somebody else holds: a binding kept from the last run is given up for these. */
  readonly busyPorts: ReadonlySet<number>;
  /** By `kafkaImageKey`, or the name of the service. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  readonly texts: StackTexts;
}

/** How many ports of a stack are `auto`. */
export function autoPortCount(stack: Stack): number {
  return portWishes(stack).filter(({ choice }) => choice === "auto").length;
}

/** Fills in what only the engine and the machine know: ports that are `auto`, images, and files. */
export function settle(input: SettleInput): SettledStack {
  const { stack, observed, freePorts, busyPorts, images, texts } = input;
  const free = [...freePorts];
  const hostPort = ({ service, containerPort, choice }: PortWish): number => {
    if (choice !== "auto") return choice;
    const kept = boundPort(observed, { service, containerPort });
    return kept !== undefined && !busyPorts.has(kept) ? kept : takeFirst(free);
  };
  const { images: _, ...rest } = stack;
  return {
    ...rest,
    zookeeper: stack.zookeeper && {
      ...stack.zookeeper,
      port: hostPort(zookeeperPort(stack.zookeeper.port)),
      image: imageOf(images, kafkaImageKey),
    },
    kafka: stack.kafka && {
      ...stack.kafka,
      ports: stack.kafka.ports.map((choice, index) => hostPort(brokerPort(choice, index))),
      image: imageOf(images, kafkaImageKey),
    },
    stores: stack.stores.map((store) => ({
      ...store,
      port: hostPort(storePort(store)),
      image: imageOf(images, store.name),
      init: store.init.map((path) => ({ name: basename(path), content: textOf(texts, path) })),
    })),
    airflow: stack.airflow && {
      ...stack.airflow,
      port: hostPort(airflowPortWish(stack.airflow.port)),
      image: imageOf(images, airflowService),
      starter: texts.airflowStarter,
    },
    services: stack.services.map(({ source: _source, ...service }): SettledService => ({
      ...service,
      ports: service.ports.map(({ containerPort, hostIp, host: choice }) => ({
        containerPort,
        hostIp,
        hostPort: hostPort({ service: service.name, containerPort, choice }),
      })),
      image: imageOf(images, service.name),
    })),
  };
}

/** The host port that a container's port is bound to now, whether the container runs or not. */
function boundPort(
  observed: Observed,
  { service, containerPort }: { service: string; containerPort: number },
): number | undefined {
  const container = observed.containers.find((one) => one.service === service);
  return container?.ports.find((port) => port.containerPort === containerPort)?.hostPort;
}

interface PortWish {
  readonly service: string;
  readonly containerPort: number;
  readonly choice: PortChoice;
}

function portWishes(stack: Stack): PortWish[] {
  const { zookeeper, kafka, airflow, stores, services } = stack;
  return [
    ...(zookeeper ? [zookeeperPort(zookeeper.port)] : []),
    ...(kafka?.ports ?? []).map(brokerPort),
    ...stores.map(storePort),
    ...(airflow ? [airflowPortWish(airflow.port)] : []),
    ...services.flatMap(({ name, ports }) =>
      ports.map(({ containerPort, host }) => ({ service: name, containerPort, choice: host })),
    ),
  ];
}

function zookeeperPort(choice: PortChoice): PortWish {
  return { service: zookeeperService, containerPort: zookeeperClientPort, choice };
}

function brokerPort(choice: PortChoice, index: number): PortWish {
  return { service: brokerService(index + 1), containerPort: externalPort, choice };
}

function storePort({ name, port }: Stack["stores"][number]): PortWish {
  return { service: name, containerPort: postgresPort, choice: port };
}

function airflowPortWish(choice: PortChoice): PortWish {
  return { service: airflowService, containerPort: airflowPort, choice };
}

function takeFirst(ports: number[]): number {
  const port = ports.shift();
  if (port === undefined) throw new RangeError("fewer free ports than auto ports");
  return port;
}

function imageOf(images: ReadonlyMap<string, ResolvedImage>, key: string): ResolvedImage {
  const image = images.get(key);
  if (!image) throw new RangeError(`no image for ${key}`);
  return image;
}

function textOf({ initScripts }: StackTexts, path: string): string {
  const text = initScripts.get(path);
  if (text === undefined) throw new RangeError(`${path} was not read`);
  return text;
}
