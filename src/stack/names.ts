import type { ServiceKind } from "../model/containers.ts";

/** Names of what a stack owns on the engine (contracts: Names and labels). */

export function containerName(project: string, service: string): string {
  return `${project}-${service}`;
}

export function volumeName(project: string, service: string): string {
  return `${project}-${service}-data`;
}

export function networkName(project: string): string {
  return project;
}

/** The name of a container that waits for its successor to become ready. */
export function replacedName(project: string, service: string): string {
  return `${project}-${service}-replaced`;
}

export function brokerService(id: number): string {
  return `kafka-${id}`;
}

export function zookeeperService(id: number): string {
  return `zookeeper-${id}`;
}

export const airflowService = "airflow";

/** The broker id of a service `kafka-N`; undefined for any other service. */
export function brokerIdOf(service: string): number | undefined {
  const match = /^kafka-(\d+)$/.exec(service);
  return match ? Number(match[1]) : undefined;
}

/** The broker id of a container; undefined for a service of the user's with such a name. */
export function containerBrokerId(container: NamedContainer): number | undefined {
  return container.kind === "kafka" ? brokerIdOf(container.service) : undefined;
}

interface NamedContainer {
  readonly service: string;
  readonly kind: ServiceKind;
}

/**
 * The names of a container in the stack's network. `kafka` is every broker and `zookeeper` every node,
 * as far as they run. These two are not part of the fingerprint: the containers of an older stack are
 * kept, and get the common name when they are replaced.
 */
export function networkNames(
  container: NamedContainer & { readonly aliases?: readonly string[] },
): string[] {
  const { service, kind, aliases = [] } = container;
  const common = kind === "kafka" || kind === "zookeeper" ? [kind] : [];
  return [...new Set([service, ...common, ...aliases])];
}

/** Services that a word on the command line selects: `kafka` is all brokers, else the exact name. */
export function selectServices(word: string, services: readonly string[]): string[] {
  return services.filter((service) => service === word || service.replace(/-\d+$/, "") === word);
}

/** Starts the containers of steps for Airflow. */
export const runnerService = "step-runner";

/** Folders of Airflow's container that dp uses. */
export const airflowFolders = {
  /** Where Airflow looks for DAGs. */
  dags: "/opt/airflow/dags",
  /** The database and the logs, on a volume. Projects mount folders of their own below /opt/airflow. */
  data: "/var/lib/airflow",
  /** The code of pipelines and the environment of their steps. */
  dp: "/opt/dp",
  /** Files that are written before the start. */
  config: "/etc/dp",
  /** Airflow and the packages beside it. */
  python: "/home/airflow/.local",
} as const;

export const dagsFolder = airflowFolders.dags;

/** The user that Airflow and the steps of pipelines run as; any with this group could. */
export const airflowUser = { uid: 50000, gid: 0 } as const;

/** Where the code of pipelines is in a container: a folder for each version. */
const codeFolder = `${airflowFolders.dp}/code`;

/** Absolute path of a version's folder in a container. */
export function codeFolderPath(hash: string): string {
  return `${codeFolder}/${hash}`;
}

/** In the folder of code: a link to the version that custom DAGs import. */
export const currentCode = "current";

/** The secret that Airflow and the step runner share, in the container of each. */
export const runnerTokenPath = `${codeFolder}/runner-token`;

/** Where a container has DAGs and the code of pipelines, and whose these files are. */
export const airflowPlaces = {
  dags: dagsFolder,
  code: codeFolder,
  /** Remembers what was sent. */
  sent: `${codeFolder}/sent.json`,
  owner: airflowUser,
} as const;
