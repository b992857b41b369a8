import type { ObservedContainer } from "./model.ts";
import { postgresUrl, variableName } from "./network-addresses.ts";
import { addressOf } from "./ready-probe.ts";

/** Addresses of a stack, under the names that programs of the field read from their environment. */
export type Endpoints = Readonly<Record<string, string>>;

/**
 * The addresses on this machine of what is observed; a service without a container has none. The
 * URL of a store carries its password, or `***` for what a log may show.
 */
export function endpointsOf(
  containers: readonly ObservedContainer[],
  { passwords }: { readonly passwords: "shown" | "masked" },
): Endpoints {
  const sorted = containers.toSorted((a, b) => (a.service < b.service ? -1 : 1));
  const addresses = (kind: ObservedContainer["kind"]): string[] =>
    sorted
      .filter((container) => container.kind === kind)
      .flatMap(({ ports }) => ports.map(({ hostIp, hostPort }) => `${hostIp}:${hostPort}`));
  const brokers = addresses("kafka");
  const zookeepers = addresses("zookeeper");
  const [airflow] = addresses("airflow");
  return {
    ...(brokers.length > 0 ? { KAFKA_BOOTSTRAP_SERVERS: brokers.join(",") } : {}),
    ...(zookeepers.length > 0 ? { ZOOKEEPER_CONNECT: zookeepers.join(",") } : {}),
    ...(airflow === undefined ? {} : { AIRFLOW_URL: `http://${airflow}` }),
    ...Object.fromEntries(
      sorted.flatMap((container) => {
        const login = storeLogin(container);
        const [port] = container.ports;
        if (!login || !port) return [];
        const url = postgresUrl({ ...login, address: addressOf(port) });
        const shown = passwords === "shown" ? url : url.replace(/:[^:@/]*@/, ":***@");
        return [[`${variableName(container.service)}_URL`, shown]];
      }),
    ),
  };
}

export interface StoreLogin {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** How to log in to a store, as its container was told; undefined for what is no store. */
export function storeLogin({ kind, environment }: ObservedContainer): StoreLogin | undefined {
  if (kind !== "postgres") return undefined;
  return {
    database: environment["POSTGRES_DB"] ?? "",
    user: environment["POSTGRES_USER"] ?? "",
    password: environment["POSTGRES_PASSWORD"] ?? "",
  };
}
