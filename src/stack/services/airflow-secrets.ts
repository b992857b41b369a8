import type { ConfigFile } from "../../model/containers.ts";
import type { AirflowConnection, Stack } from "../../model/settings.ts";
import { connectionId, connectionVariable } from "../airflow-ids.ts";
import { airflowFolders, airflowUser } from "../names.ts";
import { networkAddresses, type NamedStore } from "../network-addresses.ts";
import { awsEnvironment, storePorts, storeUrl } from "../store-login.ts";

const connectionsPath = `${airflowFolders.config}/connections.json`;
const variablesPath = `${airflowFolders.config}/variables.json`;

/**
 * Airflow reads its connections and variables from files that only its user can read. Unlike variables
 * of the environment they are in no output of `docker inspect`, and programs of tasks do not inherit them.
 */
export const secretsConfig: Readonly<Record<string, string>> = {
  AIRFLOW__SECRETS__BACKEND: "airflow.secrets.local_filesystem.LocalFilesystemBackend",
  AIRFLOW__SECRETS__BACKEND_KWARGS: JSON.stringify({
    connections_file_path: connectionsPath,
    variables_file_path: variablesPath,
  }),
};

/** A stack with or without its ports and images. */
type SecretsStack = Pick<Stack, "name"> & {
  readonly kafka: { readonly brokers: number } | undefined;
  readonly stores: readonly NamedStore[];
  readonly airflow:
    | Pick<NonNullable<Stack["airflow"]>, "environment" | "connections" | "variables">
    | undefined;
};

export function secretFiles(stack: SecretsStack): ConfigFile[] {
  const { airflow } = stack;
  if (!airflow) return [];
  const content = (values: object): string => `${JSON.stringify(values, null, 2)}\n`;
  const shared = { mode: 0o600, owner: airflowUser } as const;
  return [
    { ...shared, path: connectionsPath, content: content(connectionsOf(stack)) },
    { ...shared, path: variablesPath, content: content(airflow.variables) },
  ];
}

/** By id. The file comes first in Airflow: a connection of `airflow.environment` takes the place of a default. */
function connectionsOf(stack: SecretsStack): Record<string, AirflowConnection> {
  const { environment = {}, connections = {} } = stack.airflow ?? {};
  const own = Object.entries({ ...defaultConnections(stack), ...storeConnections(stack.stores) });
  return {
    ...Object.fromEntries(own.filter(([id]) => !(connectionVariable(id) in environment))),
    ...connections,
  };
}

/** The ids that operators and hooks use unless a DAG names another one. */
function defaultConnections(stack: SecretsStack): Record<string, AirflowConnection> {
  const { kafkaBootstrap } = networkAddresses(stack);
  return {
    fs_default: { conn_type: "fs", extra: JSON.stringify({ path: "/" }) },
    ...(kafkaBootstrap === undefined
      ? {}
      : { kafka_default: kafkaConnection(stack.name, kafkaBootstrap) }),
    ...Object.fromEntries(
      Object.entries(defaultIds).flatMap(([type, id]) => {
        const [store, second] = stack.stores.filter((each) => each.type === type);
        return store && !second ? [[id, storeConnection(store)]] : [];
      }),
    ),
  };
}

/** By the type of the only store that has it. With several stores, the one that is meant would be a guess. */
const defaultIds: Readonly<Record<NamedStore["type"], string>> = {
  postgres: "postgres_default",
  redis: "redis_default",
  s3: "aws_default",
};

/** A consumer requires a group. It starts at the first record, as a step of a pipeline does. */
function kafkaConnection(project: string, bootstrap: string): AirflowConnection {
  const config = {
    "bootstrap.servers": bootstrap,
    "group.id": `dp.${project}.airflow`,
    "auto.offset.reset": "earliest",
  };
  return { conn_type: "kafka", extra: JSON.stringify(config) };
}

function storeConnections(stores: readonly NamedStore[]): Record<string, AirflowConnection> {
  return Object.fromEntries(
    stores.map((store) => [connectionId(store.name), storeConnection(store)]),
  );
}

function storeConnection(store: NamedStore): AirflowConnection {
  const address = { host: store.name, port: storePorts[store.type] };
  switch (store.type) {
    case "postgres": {
      const { database: schema, user: login, password } = store;
      return { conn_type: "postgres", ...address, schema, login, password };
    }
    case "redis":
      return { conn_type: "redis", ...address, password: store.password };
    case "s3": {
      const endpoint = storeUrl(store, address);
      const aws = awsEnvironment([endpoint]);
      return {
        conn_type: "aws",
        login: aws["AWS_ACCESS_KEY_ID"],
        password: aws["AWS_SECRET_ACCESS_KEY"],
        extra: JSON.stringify({ endpoint_url: endpoint, region_name: aws["AWS_REGION"] }),
      };
    }
  }
}
