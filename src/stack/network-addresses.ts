import { brokerService } from "./names.ts";
import { internalPort } from "./services/kafka.ts";
import type { StoreSettings } from "./settings.ts";

/** Addresses inside the stack's network, where every service has its name and its own port. */
export interface NetworkAddresses {
  /** `kafka-1:9092,kafka-2:9092`; undefined without Kafka. */
  readonly kafkaBootstrap: string | undefined;
  /** Store → `postgresql://user:password@store:5432/database`. */
  readonly storeUrls: Readonly<Record<string, string>>;
}

type NamedStore = Pick<StoreSettings, "name" | "database" | "user" | "password">;

export const postgresPort = 5432;

/** Where the parts of a stack find each other. */
export function networkAddresses(stack: {
  readonly kafka: { readonly brokers: number } | undefined;
  readonly stores: readonly NamedStore[];
}): NetworkAddresses {
  const { kafka, stores } = stack;
  const brokers = Array.from({ length: kafka?.brokers ?? 0 }, (_, index) => index + 1);
  const bootstrap = brokers.map((id) => `${brokerService(id)}:${internalPort}`).join(",");
  return {
    kafkaBootstrap: kafka && bootstrap,
    storeUrls: Object.fromEntries(
      stores.map((store) => [
        store.name,
        postgresUrl({ ...store, address: { host: store.name, port: postgresPort } }),
      ]),
    ),
  };
}

/** https://www.postgresql.org/docs/15/libpq-connect.html#id-1.7.3.8.3.6 */
export function postgresUrl(login: {
  readonly address: { readonly host: string; readonly port: number };
  readonly database: string;
  readonly user: string;
  readonly password: string;
}): string {
  const { address, database, user, password } = login;
  const [name, word, base] = [user, password, database].map(encodeURIComponent);
  return `postgresql://${name}:${word}@${address.host}:${address.port}/${base}`;
}

/** The variables under which containers find Kafka and the stores. */
export function networkEnvironment(addresses: NetworkAddresses): Record<string, string> {
  const { kafkaBootstrap, storeUrls } = addresses;
  return {
    ...(kafkaBootstrap === undefined ? {} : { KAFKA_BOOTSTRAP_SERVERS: kafkaBootstrap }),
    ...Object.fromEntries(
      Object.entries(storeUrls).map(([store, url]) => [`${variableName(store)}_URL`, url]),
    ),
  };
}

/** The form of a service's name in names of environment variables: `order-db` is `ORDER_DB`. */
export function variableName(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}

/** Fills `{{ kafka.bootstrap }}` and `{{ STORE.url }}` in; other braces stay as they are. */
export function fillAddresses(
  text: string,
  { kafkaBootstrap, storeUrls }: NetworkAddresses,
): string {
  return text.replaceAll(
    /\{\{\s*([\w-]+)\.(\w+)\s*\}\}/g,
    (written, owner: string, key: string) => {
      if (owner === "kafka" && key === "bootstrap") return kafkaBootstrap ?? written;
      return key === "url" ? (storeUrls[owner] ?? written) : written;
    },
  );
}
