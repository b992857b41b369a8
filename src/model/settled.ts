import type { PublishedPort, ResolvedImage } from "./containers.ts";
import type {
  AirflowSettings,
  KafkaSettings,
  PostgresSettings,
  RedisSettings,
  S3Settings,
  ServiceSettings,
  Stack,
  ZooKeeperSettings,
} from "./settings.ts";

/** Types of a stack whose ports and images are known. No code: everyone may use it. */

export interface SettledZooKeeper extends Omit<ZooKeeperSettings, "ports"> {
  readonly ports: readonly number[];
  readonly image: ResolvedImage;
}

export interface SettledKafka extends Omit<KafkaSettings, "ports" | "image"> {
  readonly ports: readonly number[];
  /** KRaft: the first so many nodes are the controllers, for as long as their data lives. */
  readonly voters: number;
  readonly image: ResolvedImage;
}

export interface SettledAirflow extends Omit<AirflowSettings, "port" | "image"> {
  readonly port: number;
  readonly image: ResolvedImage;
  /** Text of the program that starts the components in `fast` mode. */
  readonly starter: string;
}

export interface SettledService extends Omit<ServiceSettings, "ports" | "source"> {
  readonly ports: readonly PublishedPort[];
  readonly image: ResolvedImage;
}

export interface SettledStack extends Omit<
  Stack,
  "zookeeper" | "kafka" | "airflow" | "stores" | "services" | "images"
> {
  readonly zookeeper: SettledZooKeeper | undefined;
  readonly kafka: SettledKafka | undefined;
  readonly airflow: SettledAirflow | undefined;
  readonly stores: readonly SettledStore[];
  readonly services: readonly SettledService[];
  /** Undefined where Airflow has no step in a container. */
  readonly runner: SettledRunner | undefined;
}

/** The service that starts the containers of steps for Airflow. */
export interface SettledRunner {
  readonly image: ResolvedImage;
  /** Path of the engine's socket on its machine. */
  readonly engineSocket: string;
  /** Its modules: name → text. */
  readonly program: ReadonlyMap<string, string>;
}

/** A store whose port, image and files are known: types only. */
export type SettledStore = SettledPostgres | SettledRedis | SettledS3;

interface SettledServer {
  readonly port: number;
  readonly image: ResolvedImage;
}

export interface SettledPostgres
  extends Omit<PostgresSettings, "port" | "image" | "init">, SettledServer {
  /** In the order in which they are run. */
  readonly init: readonly InitScript[];
}

export interface SettledRedis extends Omit<RedisSettings, "port" | "image">, SettledServer {}

export interface SettledS3 extends Omit<S3Settings, "port" | "image">, SettledServer {}

export interface InitScript {
  /** The file's own name, e.g. `schema.sql`. */
  readonly name: string;
  readonly content: string;
}
