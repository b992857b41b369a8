import { brokerService } from "./names.ts";
import { internalPort } from "./services/kafka.ts";
import { awsEnvironment, storePorts, storeUrl, type StoreLogin } from "./store-login.ts";
import { ownValue } from "./own-value.ts";

/** Addresses inside the stack's network, where every service has its name and its own port. */
export interface NetworkAddresses {
  /** `kafka-1:9092,kafka-2:9092`; undefined without Kafka. */
  readonly kafkaBootstrap: string | undefined;
  /** Store → `postgresql://user:password@store:5432/database`. */
  readonly storeUrls: Readonly<Record<string, string>>;
  /** What the AWS clients read, where there is one S3. */
  readonly aws: Readonly<Record<string, string>>;
}

export type NamedStore = StoreLogin & { readonly name: string };

/** Where the parts of a stack find each other. */
export function networkAddresses(stack: {
  readonly kafka: { readonly brokers: number } | undefined;
  readonly stores: readonly NamedStore[];
}): NetworkAddresses {
  const { kafka, stores } = stack;
  const brokers = Array.from({ length: kafka?.brokers ?? 0 }, (_, index) => index + 1);
  const bootstrap = brokers.map((id) => `${brokerService(id)}:${internalPort}`).join(",");
  const urlOf = (store: NamedStore): string =>
    storeUrl(store, { host: store.name, port: storePorts[store.type] });
  return {
    kafkaBootstrap: kafka && bootstrap,
    storeUrls: Object.fromEntries(stores.map((store) => [store.name, urlOf(store)])),
    aws: awsEnvironment(stores.filter(({ type }) => type === "s3").map(urlOf)),
  };
}

/** The variables under which containers find Kafka and the stores. */
export function networkEnvironment(addresses: NetworkAddresses): Record<string, string> {
  const { kafkaBootstrap, storeUrls, aws } = addresses;
  return {
    ...aws,
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
      return key === "url" ? (ownValue(storeUrls, owner) ?? written) : written;
    },
  );
}
