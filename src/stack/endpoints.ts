import type { ObservedContainer } from "./model.ts";

/** Addresses of a stack, under the names that programs of the field read from their environment. */
export type Endpoints = Readonly<Record<string, string>>;

/** The addresses on this machine of what is observed; a service without a container has none. */
export function endpointsOf(containers: readonly ObservedContainer[]): Endpoints {
  const addresses = (kind: ObservedContainer["kind"]): string[] =>
    containers
      .filter((container) => container.kind === kind)
      .toSorted((a, b) => (a.service < b.service ? -1 : 1))
      .flatMap(({ ports }) => ports.map(({ hostIp, hostPort }) => `${hostIp}:${hostPort}`));
  const brokers = addresses("kafka");
  const zookeepers = addresses("zookeeper");
  return {
    ...(brokers.length > 0 ? { KAFKA_BOOTSTRAP_SERVERS: brokers.join(",") } : {}),
    ...(zookeepers.length > 0 ? { ZOOKEEPER_CONNECT: zookeepers.join(",") } : {}),
  };
}
