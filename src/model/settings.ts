import type { SourcePosition } from "../errors.ts";
import type { Pipeline } from "./pipelines.ts";

/** What pipeline.yaml means once every default is filled in: types only, a leaf. */

/** A port on the host; "auto" is a free one, kept in the container's own binding from run to run. */
export type PortChoice = number | "auto";

export interface Stack {
  readonly name: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** Name of the profile that lies over the file. */
  readonly profile: string | undefined;
  readonly zookeeper: ZooKeeperSettings | undefined;
  readonly kafka: KafkaSettings | undefined;
  readonly airflow: AirflowSettings | undefined;
  readonly stores: readonly StoreSettings[];
  readonly fileStores: readonly FileStoreSettings[];
  readonly services: readonly ServiceSettings[];
  readonly topics: readonly TopicSettings[];
  readonly pipelines: readonly Pipeline[];
  /** Packages for the code of pipeline steps. */
  readonly pythonRequirements: readonly Requirement[];
  readonly images: ImageSettings;
}

/** A Python package that the user asks for, e.g. `pandas>=2`. */
export interface Requirement {
  readonly text: string;
  /** Its line, for a requirement of a file of its own. */
  readonly at: SourcePosition | undefined;
  /** Its place in pipeline.yaml, e.g. `["airflow", "requirements", 0]`. */
  readonly setting: readonly (string | number)[];
}

export interface ZooKeeperSettings {
  /** 1, or an ensemble of 3 or 5. */
  readonly nodes: number;
  /** One for each node. */
  readonly ports: readonly PortChoice[];
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
  /** Other names and ports of all brokers inside the network. */
  readonly aliases: readonly NetworkAlias[];
  /** An image that the file names; it also runs ZooKeeper. */
  readonly image: string | undefined;
  readonly heapBytes: number;
  readonly memLimitBytes: number | undefined;
  /** Broker properties that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

export interface NetworkAlias {
  readonly name: string;
  readonly port: number;
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
  readonly volumes: readonly ServiceVolume[];
  /** Airflow's variables, by key. */
  readonly variables: Readonly<Record<string, string>>;
  /** Airflow's connections that the user wrote, by id. */
  readonly connections: Readonly<Record<string, AirflowConnection>>;
  /** Packages for custom DAGs. */
  readonly requirements: readonly Requirement[];
}

/**
 * A connection as Airflow reads it from a file: a URI, or its fields, of which `extra` is JSON.
 * https://airflow.apache.org/docs/apache-airflow/3.3.2/security/secrets/secrets-backend/local-filesystem-secrets-backend.html
 */
export type AirflowConnection = string | Readonly<Record<string, string | number | undefined>>;

/** What keeps data beside Kafka; its service bears the store's name. */
export type StoreSettings = PostgresSettings | RedisSettings | S3Settings;

interface StoreServer {
  readonly name: string;
  readonly version: string;
  readonly image: string | undefined;
  readonly port: PortChoice;
  readonly memLimitBytes: number | undefined;
}

export interface PostgresSettings extends StoreServer {
  readonly type: "postgres";
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Absolute paths of SQL files, run once on an empty volume. */
  readonly init: readonly string[];
  /** Server parameters that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
}

export interface RedisSettings extends StoreServer {
  readonly type: "redis";
  /** Undefined for a server that asks for none. */
  readonly password: string | undefined;
  /** Directives of redis.conf that the user wrote. */
  readonly config: Readonly<Record<string, string>>;
}

/** A server that plays Amazon S3, in memory. */
export interface S3Settings extends StoreServer {
  readonly type: "s3";
  /** Made when they are missing. */
  readonly buckets: readonly string[];
}

/** A database in a file on this machine: no container is behind it, and none sees it. */
export interface FileStoreSettings {
  readonly name: string;
  readonly type: "duckdb";
  /** Absolute path of the file, which may be missing. */
  readonly path: string;
}

/** What the image of a service is built from. */
export interface BuildSettings {
  /** Absolute path of the build context. */
  readonly folder: string;
  /** Relative to the folder, with `/`. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  /** The stage that becomes the image; undefined for the last one. */
  readonly target: string | undefined;
}

/** A container of the user's own. */
export interface ServiceSettings {
  readonly name: string;
  readonly source:
    | { readonly kind: "image"; readonly ref: string }
    | ({ readonly kind: "build" } & BuildSettings);
  /** Empty for the image's own. */
  readonly entrypoint: readonly string[];
  /** Empty for the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  readonly ready: ReadyCheck | undefined;
  readonly volumes: readonly ServiceVolume[];
  readonly startsAfter: readonly StartCondition[];
  /** 0 for a service whose container only steps of pipelines have. */
  readonly scale: number;
  readonly healthcheck: Healthcheck | undefined;
  /** Undefined when the file says nothing: then nothing is restarted, and the service must stay up. */
  readonly restart: RestartPolicy | undefined;
  readonly memLimitBytes: number | undefined;
  readonly cpus: number | undefined;
  /** As Compose writes it: a name or id, with `:GROUP` if need be. */
  readonly user: string | undefined;
  /** The service's name where undefined. */
  readonly hostname: string | undefined;
  /** The image's own where undefined. */
  readonly workingDir: string | undefined;
  readonly extraHosts: readonly ExtraHost[];
  readonly ulimits: readonly Ulimit[];
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number;
}

/** A line of a container's `/etc/hosts`; the address `host-gateway` is the engine's machine. */
export interface ExtraHost {
  readonly name: string;
  readonly address: string;
}

/** A limit of a process; -1 removes it. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What must hold before a service starts. */
export interface StartCondition {
  /** Name of a readiness group: `kafka`, `zookeeper`, `airflow`, a store or a service. */
  readonly group: string;
  /** `started`: its containers were started · `ready`: its probe holds. */
  readonly when: "started" | "ready";
}

/** What the engine asks of a container again and again, to show it in its own lists. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", WORD…]` or `["CMD-SHELL", TEXT]`. */
  readonly test: readonly string[];
  /** The engine's own values where undefined. */
  readonly intervalMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly startPeriodMs: number | undefined;
  readonly retries: number | undefined;
}

export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** With `on-failure`; 0 is without a limit. */
  readonly maxRetries: number;
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
  /** `timeoutMs`: how long one run may take; dp's own limit when left out. */
  | { readonly kind: "exec"; readonly command: readonly string[]; readonly timeoutMs?: number }
  /** A regular expression that a line of its log matches. */
  | { readonly kind: "log"; readonly pattern: string }
  /** A one-shot: it has ended with exit code 0. */
  | { readonly kind: "completed" };

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
  readonly seed: SeedSettings | undefined;
}

export interface SeedSettings {
  /** Absolute path. */
  readonly file: string;
  /** What each line is; undefined where the line tells by itself. */
  readonly format: "records" | "values" | undefined;
}

export interface ImageSettings {
  readonly prefix: string | undefined;
  readonly pull: "missing" | "always" | "never";
  readonly build: "auto" | "never" | "always";
}

/** Values that came from variables: dotted path in pipeline.yaml → as written, e.g. `${RETENTION}`. */
export type FromVariables = ReadonlyMap<string, string>;
