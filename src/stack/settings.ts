import type { Pipeline } from "./pipelines.ts";

/** What pipeline.yaml means once every default is filled in: types only, a leaf. */

/** A port on the host; "auto" is a free one, kept in the container's own binding from run to run. */
export type PortChoice = number | "auto";

export interface Stack {
  readonly name: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  readonly zookeeper: ZooKeeperSettings | undefined;
  readonly kafka: KafkaSettings | undefined;
  readonly airflow: AirflowSettings | undefined;
  readonly stores: readonly StoreSettings[];
  readonly services: readonly ServiceSettings[];
  readonly topics: readonly TopicSettings[];
  readonly pipelines: readonly Pipeline[];
  readonly images: ImageSettings;
}

export interface ZooKeeperSettings {
  readonly port: PortChoice;
  readonly heapBytes: number;
  readonly memLimitBytes: number | undefined;
  /** zoo.cfg keys that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
}

export interface KafkaSettings {
  readonly mode: "zookeeper" | "kraft";
  readonly version: string;
  readonly brokers: number;
  /** One for each broker. */
  readonly ports: readonly PortChoice[];
  /** An image that the file names; it also runs ZooKeeper. */
  readonly image: string | undefined;
  readonly heapBytes: number;
  readonly memLimitBytes: number | undefined;
  /** Broker properties that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

export interface AirflowSettings {
  readonly version: string;
  readonly port: PortChoice;
  /** An image that the file names. */
  readonly image: string | undefined;
  /** `fast` imports Airflow once and forks its components; `standalone` is Airflow's own. */
  readonly start: "fast" | "standalone";
  /** Absolute path of a folder of DAGs written by hand. */
  readonly dags: string | undefined;
  /** Tasks that run at the same time. */
  readonly parallelism: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A database; its service bears the store's name. */
export interface StoreSettings {
  readonly name: string;
  readonly type: "postgres";
  readonly version: string;
  readonly image: string | undefined;
  readonly port: PortChoice;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Absolute paths of SQL files, run once on an empty volume. */
  readonly init: readonly string[];
  /** Server parameters that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
  readonly memLimitBytes: number | undefined;
}

/** A container of the user's own. */
export interface ServiceSettings {
  readonly name: string;
  readonly source:
    | { readonly kind: "image"; readonly ref: string }
    /** Absolute path of the folder with the Dockerfile. */
    | { readonly kind: "build"; readonly folder: string };
  /** Empty for the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  readonly ready: ReadyCheck | undefined;
  readonly volumes: readonly ServiceVolume[];
}

export interface ServicePort {
  readonly containerPort: number;
  readonly hostIp: string;
  readonly host: PortChoice;
}

/** How a service shows that it is ready; ports are the container's, dialled where they are published. */
export type ReadyCheck =
  | {
      readonly kind: "http";
      readonly port: number;
      readonly path: string;
      readonly status: number;
    }
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "exec"; readonly command: readonly string[] }
  /** A regular expression that a line of its log matches. */
  | { readonly kind: "log"; readonly pattern: string };

export type ServiceVolume =
  | { readonly kind: "volume"; readonly name: string; readonly target: string }
  /** `source` is an absolute path inside the folder of pipeline.yaml. */
  | {
      readonly kind: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
    };

export interface TopicSettings {
  readonly name: string;
  /** Used when the topic is created. */
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
  /** What the file itself says: only this is compared with a topic that exists. */
  readonly written: {
    readonly partitions: number | undefined;
    readonly replication: number | undefined;
  };
  /** Absolute path of a JSONL file. */
  readonly seed: string | undefined;
}

export interface ImageSettings {
  readonly prefix: string | undefined;
  readonly pull: "missing" | "always" | "never";
  readonly build: "auto" | "never" | "always";
}
