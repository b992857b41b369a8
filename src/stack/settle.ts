import { basename } from "node:path";
import type { Observed, ResolvedImage } from "../model/containers.ts";
import { hashOf } from "./fingerprint.ts";
import { airflowService, brokerService, runnerService, zookeeperService } from "./names.ts";
import { needsRunner } from "./step-container.ts";
import { airflowPort } from "./services/airflow.ts";
import { externalPort } from "./services/kafka.ts";
import { zookeeperClientPort } from "./services/zookeeper.ts";
import type { SettledStore, SettledService, SettledStack } from "../model/settled.ts";
import type { PortChoice, Stack } from "../model/settings.ts";
import { storePorts } from "./store-login.ts";

/** Key of the image that the brokers and ZooKeeper share; all others are keyed by their service. */
export const kafkaImageKey = "kafka";

/** Texts that the containers get, read before planning. */
export interface StackTexts {
  readonly airflowStarter: string;
  /** Name of each module of the step runner → text. */
  readonly runnerModules: ReadonlyMap<string, string>;
  /** Absolute path of each store's init files → content. */
  readonly initScripts: ReadonlyMap<string, string>;
}

export interface SettleInput {
  readonly stack: Stack;
  readonly observed: Observed;
  /** One for each port that is `auto`, in their order (see preferredPorts); none of them in use. */
  readonly freePorts: readonly number[];
  /** Ports that somebody else holds: a binding kept from the last run is given up for these. */
  readonly busyPorts: ReadonlySet<number>;
  /** By `kafkaImageKey`, or the name of the service. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  readonly texts: StackTexts;
  /** Path of the engine's socket on its machine, for a step runner. */
  readonly engineSocket?: string | undefined;
}

/** How many ports of a stack are `auto`. */
export function autoPortCount(stack: Stack): number {
  return portWishes(stack).filter(({ choice }) => choice === "auto").length;
}

/** Below what systems give to programs by themselves, so that hardly anybody takes one. */
const preferredRange = { first: 20_000, count: 10_000 };

/**
 * A port for each that is `auto`, in their order: the same in every run, so that clients find a stack
 * again whose containers had gone. Nobody has asked whether it is free; 0 is any.
 */
export function preferredPorts(stack: Stack): number[] {
  const autos = portWishes(stack).filter(({ choice }) => choice === "auto");
  const fixed = fixedPorts(stack);
  return autos.map(({ service, containerPort }) => {
    const hash = hashOf(`${stack.name} ${service} ${containerPort}`);
    const port = preferredRange.first + (Number.parseInt(hash, 16) % preferredRange.count);
    return fixed.includes(port) ? 0 : port;
  });
}

/** The host ports that the file itself gives. */
export function fixedPorts(stack: Stack): number[] {
  return portWishes(stack).flatMap(({ choice }) => (choice === "auto" ? [] : [choice]));
}

/** Fills in what only the engine and the machine know: ports that are `auto`, images, and files. */
export function settle(input: SettleInput): SettledStack {
  const { stack, observed, freePorts, busyPorts, images, texts, engineSocket = "" } = input;
  const free = [...freePorts];
  const hostPort = ({ service, containerPort, choice }: PortWish): number => {
    if (choice !== "auto") return choice;
    const offered = takeFirst(free);
    const kept = boundPort(observed, { service, containerPort });
    return kept !== undefined && !busyPorts.has(kept) ? kept : offered;
  };
  const { images: _, ...rest } = stack;
  return {
    ...rest,
    zookeeper: stack.zookeeper && {
      ...stack.zookeeper,
      ports: stack.zookeeper.ports.map((choice, index) => hostPort(zookeeperPort(choice, index))),
      image: imageOf(images, kafkaImageKey),
    },
    kafka: stack.kafka && {
      ...stack.kafka,
      ports: stack.kafka.ports.map((choice, index) => hostPort(brokerPort(choice, index))),
      voters: votersOf(stack.kafka.brokers, observed),
      image: imageOf(images, kafkaImageKey),
    },
    stores: stack.stores.map((store): SettledStore => {
      const server = { port: hostPort(storePort(store)), image: imageOf(images, store.name) };
      if (store.type !== "postgres") return { ...store, ...server };
      const init = store.init.map((path) => ({
        name: basename(path),
        content: textOf(texts, path),
      }));
      return { ...store, ...server, init };
    }),
    airflow: stack.airflow && {
      ...stack.airflow,
      port: hostPort(airflowPortWish(stack.airflow.port)),
      image: imageOf(images, airflowService),
      starter: texts.airflowStarter,
    },
    runner: needsRunner(stack)
      ? { image: imageOf(images, runnerService), engineSocket, program: texts.runnerModules }
      : undefined,
    services: stack.services.map(({ source: _source, ...service }): SettledService => ({
      ...service,
      ports: (service.scale === 0 ? [] : service.ports).map(
        ({ containerPort, hostIp, host: choice }) => ({
          containerPort,
          hostIp,
          hostPort: hostPort({ service: service.name, containerPort, choice }),
        }),
      ),
      image: imageOf(images, service.name),
    })),
  };
}

const votersOfMany = 3;

/**
 * How many nodes of a KRaft cluster are its controllers: as its data says (labels carry hashes, so
 * each number is tried); without data one for up to two nodes, else three. Voters are fixed when a
 * cluster is made: https://kafka.apache.org/43/operations/kraft/
 */
function votersOf(brokers: number, { volumes }: Observed): number {
  const trait = volumes.find(({ kind, parts }) => kind === "kafka" && parts["trait.voters"]);
  const voters = Array.from({ length: votersOfMany }, (_, index) => index + 1).find(
    (count) => hashOf(String(count)) === trait?.parts["trait.voters"],
  );
  return voters ?? (brokers < votersOfMany ? 1 : votersOfMany);
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
    ...(zookeeper?.ports ?? []).map(zookeeperPort),
    ...(kafka?.ports ?? []).map(brokerPort),
    ...stores.map(storePort),
    ...(airflow ? [airflowPortWish(airflow.port)] : []),
    ...services.flatMap(({ name, ports, scale }) =>
      (scale === 0 ? [] : ports).map(({ containerPort, host }) => ({
        service: name,
        containerPort,
        choice: host,
      })),
    ),
  ];
}

function zookeeperPort(choice: PortChoice, index: number): PortWish {
  return { service: zookeeperService(index + 1), containerPort: zookeeperClientPort, choice };
}

function brokerPort(choice: PortChoice, index: number): PortWish {
  return { service: brokerService(index + 1), containerPort: externalPort, choice };
}

function storePort({ name, type, port }: Stack["stores"][number]): PortWish {
  return { service: name, containerPort: storePorts[type], choice: port };
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
