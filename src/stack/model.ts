/** The types that carry a stack from the file to the engine. No code, no imports: everyone may use it. */

/** A port on the host; "auto" is a free one, kept in the container's own binding from run to run. */
export type PortChoice = number | "auto";

// ---------------------------------------------------------------- resolved: what the file means

/** What pipeline.yaml means once every default is filled in. */
export interface Stack {
  readonly name: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  readonly zookeeper: ZooKeeperSettings | undefined;
  readonly kafka: KafkaSettings | undefined;
  readonly topics: readonly TopicSettings[];
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

// ---------------------------------------------------------------- settled: ports and images known

/** An image that the engine has. */
export interface ResolvedImage {
  /** The name under which it was found, e.g. `dp-kafka:3.9.2-1a2b3c4d`. */
  readonly ref: string;
  /** `sha256:…` */
  readonly id: string;
}

export interface SettledZooKeeper extends Omit<ZooKeeperSettings, "port"> {
  readonly port: number;
  readonly image: ResolvedImage;
}

export interface SettledKafka extends Omit<KafkaSettings, "ports" | "image"> {
  readonly ports: readonly number[];
  readonly image: ResolvedImage;
}

export interface SettledStack extends Omit<Stack, "zookeeper" | "kafka" | "images"> {
  readonly zookeeper: SettledZooKeeper | undefined;
  readonly kafka: SettledKafka | undefined;
}

// ---------------------------------------------------------------- what runs

export type ServiceKind = "zookeeper" | "kafka";

export interface ContainerSpec {
  readonly service: string;
  readonly kind: ServiceKind;
  /** `<project>-<service>`, also the container's name. */
  readonly name: string;
  readonly image: ResolvedImage;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Written into the container before its start. */
  readonly files: readonly ConfigFile[];
  readonly volumes: readonly VolumeMount[];
  readonly ports: readonly PublishedPort[];
  readonly memLimitBytes: number | undefined;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutS: number;
  /** What a change of must be refused, because the data on the volume would be lost; by name. */
  readonly dataTraits: Readonly<Record<string, string>>;
}

export interface ConfigFile {
  /** Absolute path in the container. */
  readonly path: string;
  readonly content: string;
  /** Octal permission bits; 0o644 unless said. */
  readonly mode?: number;
}

export interface VolumeMount {
  /** `<project>-<service>-data` */
  readonly name: string;
  /** Absolute path in the container. */
  readonly target: string;
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

/** What must hold before a group of services counts as ready. The runners are in cli/probes.ts. */
export type Probe =
  | {
      readonly kind: "zookeeper";
      readonly nodes: readonly { readonly service: string; readonly address: Address }[];
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
    };

/** Readiness belongs to a group (all brokers; one ZooKeeper leader), not to one container. */
export interface ReadinessGroup {
  /** `zookeeper` or `kafka` */
  readonly name: string;
  readonly services: readonly string[];
  readonly probe: Probe;
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
  /** Epoch milliseconds; undefined when it never started. */
  readonly startedAt: number | undefined;
  /** Its address inside the stack's network; undefined when it is not running. */
  readonly networkAddress: string | undefined;
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

/** An object that bears a name the stack wants, without being the stack's own. */
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

// ---------------------------------------------------------------- the plan

interface OpBase {
  /** Unique within a plan, e.g. `start:kafka-1`. */
  readonly id: string;
  /** Ids of the ops that must be done before. */
  readonly after: readonly string[];
  /** The service, or the name of the network or volume. */
  readonly target: string;
}

/** One op is one call to the engine, or one wait. */
export type Op = OpBase &
  (
    | { readonly kind: "create-network" }
    | { readonly kind: "create-volume"; readonly spec: ContainerSpec }
    | { readonly kind: "create-container"; readonly spec: ContainerSpec }
    | { readonly kind: "upload"; readonly spec: ContainerSpec }
    | { readonly kind: "start-container"; readonly containerName: string }
    | { readonly kind: "unpause-container"; readonly containerId: string }
    | {
        readonly kind: "stop-container";
        readonly containerId: string;
        readonly timeoutS: number;
      }
    | {
        readonly kind: "rename-container";
        readonly containerId: string;
        readonly from: string;
        readonly to: string;
      }
    | { readonly kind: "remove-container"; readonly containerId: string }
    | { readonly kind: "await-ready"; readonly group: ReadinessGroup }
    /** A broker must not meet a new ZooKeeper that has opened its port but does not serve yet. */
    | { readonly kind: "let-zookeeper-begin"; readonly durationMs: number }
    /** A broker that died may start again only when its old znode is gone (ZooKeeper mode). */
    | {
        readonly kind: "await-deregistered";
        readonly brokerId: number;
        readonly zookeeper: Address;
      }
  );

/** What happens to one object, and why: what a person reads. */
export interface Change {
  readonly action: "create" | "replace" | "start" | "unpause" | "remove";
  readonly object: "network" | "volume" | "container";
  readonly target: string;
  readonly cause: string;
}

export interface Plan {
  readonly project: string;
  /** Empty when the stack already is as the file says. */
  readonly changes: readonly Change[];
  /** How the changes are made, and the waits that prove the stack ready. */
  readonly ops: readonly Op[];
  /** What is left as it is, and why that is worth a line. */
  readonly notes: readonly string[];
}
