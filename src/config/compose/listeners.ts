import { childOf, pairsOf, type MapTree } from "./tree.ts";
import type { Values } from "./values.ts";

interface ListenerSource {
  readonly tree: MapTree;
  /** Its entrypoint and its command. */
  readonly script: string;
}

export interface Advertised {
  readonly host: string;
  readonly port: number;
}

/** The addresses that a broker gives to its clients, by its variables or the options of Redpanda. */
export function findAdvertised({ tree, script }: ListenerSource, values: Values): Advertised[] {
  const variables = new Map(
    pairsOf(childOf(tree, "environment")).map(({ name, value = "" }) => [name, value]),
  );
  const listeners =
    variables.get("KAFKA_ADVERTISED_LISTENERS") ??
    variables.get("KAFKA_CFG_ADVERTISED_LISTENERS") ??
    /--advertise-kafka-addr[=\s]+["']?([^\s"']+)/.exec(script)?.[1];
  if (listeners !== undefined) return parseListeners(values.evaluate(listeners));
  const host = variables.get("KAFKA_ADVERTISED_HOST_NAME");
  if (host === undefined) return [];
  const port = variables.get("KAFKA_ADVERTISED_PORT") ?? variables.get("KAFKA_PORT") ?? "9092";
  return [{ host: values.evaluate(host), port: Number(values.evaluate(port)) }];
}

/** The ports at which clients reach a broker inside the network. */
export function findListenerPorts(broker: ListenerSource, values: Values): number[] {
  const { tree, script } = broker;
  const variables = pairsOf(childOf(tree, "environment"));
  const texts = variables
    .filter(({ name }) => /^KAFKA_(CFG_)?LISTENERS$/.test(name))
    .map(({ value = "" }) => values.evaluate(value));
  const option = /--kafka-addr[=\s]+["']?([^\s"']+)/.exec(script)?.[1] ?? "";
  const bound = [...texts, option].flatMap((text) =>
    [...text.matchAll(/:(\d+)(?=,|$)/g)].map(([, port]) => Number(port)),
  );
  const advertised = findAdvertised(broker, values).map(({ port }) => port);
  return [...new Set([9092, ...bound, ...advertised])];
}

/** `[NAME "://"] HOST ":" PORT`, separated by commas. */
function parseListeners(text: string): Advertised[] {
  return text.split(",").flatMap((listener) => {
    const [, host, port] = /^(?:[\w-]+:\/\/)?([^:]*):(\d+)$/.exec(listener.trim()) ?? [];
    return host ? [{ host, port: Number(port) }] : [];
  });
}

/** Whether a client of this address is on this machine, and not in a container. */
export function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "host.docker.internal" || /^[\d.]+$/.test(host);
}
