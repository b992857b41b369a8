import type {
  ExtraHost,
  Healthcheck,
  ReadyCheck,
  RestartPolicy,
  StartCondition,
  Ulimit,
} from "./settings.ts";

/** Types of what runs, on its way to the engine and back. No code: everyone may use it. */

// ---------------------------------------------------------------- what runs

/** An image that the engine has. */
export interface ResolvedImage {
  /** The name under which it was found, e.g. `dp-kafka:3.9.2-1a2b3c4d`. */
  readonly ref: string;
  /** `sha256:…` */
  readonly id: string;
  /** Id of the image that the packages of pipeline.yaml were added to; undefined without packages. */
  readonly packagesOn?: string;
}

/** `service` is a container of the user's own. */
export type ServiceKind =
  | "zookeeper"
  | "kafka"
  | "airflow"
  | "postgres"
  | "redis"
  | "s3"
  | "service";

export interface ContainerSpec {
  readonly service: string;
  readonly kind: ServiceKind;
  /** `<project>-<service>`, also the container's name. */
  readonly name: string;
  readonly image: ResolvedImage;
  /** The image's own when left out. */
  readonly entrypoint?: readonly string[];
  /** Empty for the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Written into the container before its start. */
  readonly files: readonly ConfigFile[];
  /** Folders that get an owner before the start: the engine gives the folder of a new volume to root. */
  readonly ownFolders?: {
    readonly paths: readonly string[];
    readonly uid: number;
    readonly gid: number;
  };
  readonly volumes: readonly VolumeMount[];
  readonly binds: readonly BindMount[];
  readonly ports: readonly PublishedPort[];
  /** Other names in the network than those of its service and kind. */
  readonly aliases?: readonly string[];
  readonly memLimitBytes: number | undefined;
  readonly cpus?: number;
  readonly user?: string;
  /** The service's name when left out. */
  readonly hostname?: string;
  /** The image's own when left out. */
  readonly workingDir?: string;
  readonly extraHosts?: readonly ExtraHost[];
  readonly ulimits?: readonly Ulimit[];
  /** Path of the engine's socket on its machine, for the one container that has it, without capabilities. */
  readonly engineSocket?: string;
  /** Nothing is restarted when left out. */
  readonly restart?: RestartPolicy;
  readonly healthcheck?: Healthcheck;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutS: number;
  /** What a change of must be refused, because the data on the volume would be lost; by name. */
  readonly dataTraits: Readonly<Record<string, string>>;
  /** How a service of the user's shows that it is ready: kept with the container. */
  readonly ready?: ReadyCheck;
  /** What must hold before it starts; nothing when left out. It stops before what it names. */
  readonly startsAfter?: readonly StartCondition[];
}

export interface ConfigFile {
  /** Absolute path in the container. */
  readonly path: string;
  readonly content: string;
  /** Octal permission bits; 0o644 unless said. */
  readonly mode?: number;
  /** Default: root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Read on an empty volume only: a change of it does not replace the container. */
  readonly once?: true;
}

export interface VolumeMount {
  /** `<project>-<service>-data`, or `<project>-<service>-<name>` for one that the file names. */
  readonly name: string;
  /** Absolute path in the container. */
  readonly target: string;
}

/** A folder or file of the host, seen by the container. */
export interface BindMount {
  /** Absolute path on the host. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** An address that this machine can dial. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What must hold before a group of services counts as ready. The runners are in app/checks/probes.ts. */
export type Probe =
  | {
      readonly kind: "zookeeper";
      readonly nodes: readonly { readonly service: string; readonly address: Address }[];
      /** Asks this one alone for its part in the ensemble; all of them when undefined. */
      readonly only?: string;
    }
  | {
      readonly kind: "kafka";
      readonly brokers: readonly {
        readonly id: number;
        readonly service: string;
        readonly address: Address;
      }[];
      /** Judges the view of this service alone; of all when undefined. */
      readonly only?: string;
      /** Every partition must have all its replicas in sync, too. */
      readonly inSync?: true;
    }
  | { readonly kind: "airflow"; readonly address: Address }
  | {
      readonly kind: "postgres";
      readonly address: Address;
      readonly database: string;
      readonly user: string;
      readonly password: string;
    }
  | { readonly kind: "redis"; readonly address: Address; readonly password: string | undefined }
  /** Makes the buckets that are missing. */
  | { readonly kind: "s3"; readonly address: Address; readonly buckets: readonly string[] }
  | {
      readonly kind: "http";
      readonly address: Address;
      readonly path: string;
      readonly status: number;
    }
  | {
      readonly kind: "tcp";
      readonly address: Address;
      readonly container: string;
      readonly containerPort: number;
    }
  | {
      readonly kind: "exec";
      readonly container: string;
      readonly command: readonly string[];
      readonly timeoutMs?: number;
    }
  | { readonly kind: "log"; readonly container: string; readonly pattern: string }
  /** A service that says nothing of itself: it must just stay up. */
  | { readonly kind: "running"; readonly container: string }
  /** A one-shot: it must end with exit code 0. */
  | { readonly kind: "completed"; readonly container: string };

/** Readiness belongs to a group (all brokers; one ZooKeeper leader), not to one container. */
export interface ReadinessGroup {
  /** `zookeeper`, `kafka`, or the service that the group consists of. */
  readonly name: string;
  readonly services: readonly string[];
  /** Names of the groups that it can't do without. */
  readonly needs: readonly string[];
  readonly probe: Probe;
  /** Whether the engine starts its containers again when they exit. */
  readonly restarts?: true;
}

/** What one round of a probe found; `waitingFor` says what is missing. */
export type ProbeResult =
  | { readonly ready: true }
  | { readonly ready: false; readonly waitingFor: string };

// ---------------------------------------------------------------- observed: what the engine has

export type ContainerState =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "removing"
  | "exited"
  | "dead";

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly kind: ServiceKind;
  readonly state: ContainerState;
  /** Status line of the engine, e.g. "Exited (137) 3 minutes ago". */
  readonly status: string;
  readonly imageId: string;
  readonly imageRef: string;
  readonly fingerprint: string;
  /** Hash of each part that makes up the fingerprint. */
  readonly parts: Readonly<Record<string, string>>;
  /** `file` and `host` labels: which pipeline.yaml of which machine made it. */
  readonly file: string;
  readonly host: string;
  readonly ports: readonly PublishedPort[];
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Left out where it has none. */
  readonly memLimitBytes?: number;
  /** Epoch milliseconds; undefined when it never started. */
  readonly startedAt: number | undefined;
  /** Its address inside the stack's network; undefined when it is not running. */
  readonly networkAddress: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly ready?: ReadyCheck;
  /** Names of the groups that it started after, and stops before. */
  readonly dependsOn?: readonly string[];
  /** Whether the engine starts it again when it exits. */
  readonly restarts?: true;
}

/** A network or volume of the stack. */
export interface ObservedObject {
  readonly id: string;
  readonly name: string;
  /** Empty for the network. */
  readonly service: string;
  readonly kind: ServiceKind | "network";
  readonly parts: Readonly<Record<string, string>>;
  readonly file: string;
  readonly host: string;
}

/** An object that bears the stack's name or one that begins with it, without being the stack's own. */
export interface ForeignObject {
  readonly object: "container" | "network" | "volume";
  readonly name: string;
  /** Whose it is, as far as its labels tell. */
  readonly owner: string;
}

/** A host port that a container outside the stack publishes. */
export interface OccupiedPort {
  readonly port: number;
  /** The container's name, with its stack or compose project. */
  readonly owner: string;
}

export interface Observed {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedObject[];
  readonly volumes: readonly ObservedObject[];
  readonly foreign: readonly ForeignObject[];
  readonly occupiedPorts: readonly OccupiedPort[];
}
