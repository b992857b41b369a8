import type { ObservedContainer } from "../model/containers.ts";
import { variableName } from "./network-addresses.ts";
import { addressOf } from "./ready-probe.ts";
import { redisPasswordVariable } from "./services/redis.ts";
import type { FileStoreSettings } from "../model/settings.ts";
import { awsEnvironment, storeUrl, type StoreLogin } from "./store-login.ts";

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
  const s3Urls = addresses("s3").map((address) => `http://${address}`);
  return {
    ...(brokers.length > 0 ? { KAFKA_BOOTSTRAP_SERVERS: brokers.join(",") } : {}),
    ...(zookeepers.length > 0 ? { ZOOKEEPER_CONNECT: zookeepers.join(",") } : {}),
    ...(airflow === undefined ? {} : { AIRFLOW_URL: `http://${airflow}` }),
    ...Object.fromEntries(
      sorted.flatMap((container) => {
        const login = storeLogin(container);
        const [port] = container.ports;
        if (!login || !port) return [];
        const url = storeUrl(login, addressOf(port));
        const shown = passwords === "shown" ? url : url.replace(/:[^:@/]*@/, ":***@");
        return [[`${variableName(container.service)}_URL`, shown]];
      }),
    ),
    // They repeat the URL above, for programs alone.
    ...(passwords === "shown" ? awsEnvironment(s3Urls) : {}),
  };
}

/**
 * The addresses of databases in files: the absolute path, which `duckdb.connect` takes, and a URL in the
 * form of SQLAlchemy, three slashes and the path.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#sqlite
 */
export function fileEndpoints(stores: readonly FileStoreSettings[]): Endpoints {
  return Object.fromEntries(
    stores.flatMap(({ name, type, path }) => [
      [`${variableName(name)}_PATH`, path],
      [`${variableName(name)}_URL`, `${type}:///${path}`],
    ]),
  );
}

/** How to log in to a store, as its container was told; undefined for what is no store. */
export function storeLogin({ kind, environment }: ObservedContainer): StoreLogin | undefined {
  switch (kind) {
    case "postgres":
      return {
        type: "postgres",
        database: environment["POSTGRES_DB"] ?? "",
        user: environment["POSTGRES_USER"] ?? "",
        password: environment["POSTGRES_PASSWORD"] ?? "",
      };
    case "redis":
      return { type: "redis", password: environment[redisPasswordVariable] };
    case "s3":
      return { type: "s3" };
    default:
      return undefined;
  }
}
