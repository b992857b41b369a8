import type { Observed, PortChoice, ResolvedImage, SettledStack, Stack } from "./model.ts";
import { brokerService, zookeeperService } from "./names.ts";

export interface SettleInput {
  readonly stack: Stack;
  readonly observed: Observed;
  /** At least as many as `autoPortCount(stack)`, none of them in use. */
  readonly freePorts: readonly number[];
  /** Ports that somebody else holds: a binding kept from the last run is given up for these. */
  readonly busyPorts: ReadonlySet<number>;
  /** The Kafka image, which also runs ZooKeeper. */
  readonly image: ResolvedImage;
}

/** How many ports of a stack are `auto`. */
export function autoPortCount(stack: Stack): number {
  return hostPortChoices(stack).filter(({ choice }) => choice === "auto").length;
}

/** Fills in what only the engine and the machine know: ports that are `auto`, and the image. */
export function settle({
  stack,
  observed,
  freePorts,
  busyPorts,
  image,
}: SettleInput): SettledStack {
  const free = [...freePorts];
  const portOf = (service: string, choice: PortChoice): number => {
    if (choice !== "auto") return choice;
    const kept = boundPort(observed, service);
    return kept !== undefined && !busyPorts.has(kept) ? kept : takeFirst(free);
  };
  return {
    name: stack.name,
    file: stack.file,
    topics: stack.topics,
    zookeeper: stack.zookeeper && {
      ...stack.zookeeper,
      port: portOf(zookeeperService, stack.zookeeper.port),
      image,
    },
    kafka: stack.kafka && {
      ...stack.kafka,
      ports: stack.kafka.ports.map((choice, index) => portOf(brokerService(index + 1), choice)),
      image,
    },
  };
}

/** The host port that a service's container has now, running or not. */
export function boundPort(observed: Observed, service: string): number | undefined {
  return observed.containers.find((container) => container.service === service)?.ports[0]?.hostPort;
}

function hostPortChoices(stack: Stack): { service: string; choice: PortChoice }[] {
  const brokers = (stack.kafka?.ports ?? []).map((choice, index) => ({
    service: brokerService(index + 1),
    choice,
  }));
  const zookeeper = stack.zookeeper
    ? [{ service: zookeeperService, choice: stack.zookeeper.port }]
    : [];
  return [...zookeeper, ...brokers];
}

function takeFirst(ports: number[]): number {
  const port = ports.shift();
  if (port === undefined) throw new RangeError("fewer free ports than auto ports");
  return port;
}
