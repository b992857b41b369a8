/** Types of the proofs. What they work with is passed in: smoke knows no client of Kafka or Docker. */

export type Verdict = "passed" | "failed" | "not-applicable";

export type Acks = 0 | 1 | "all";
export type Codec = "none" | "gzip";

/** What a judge makes of what was seen; `evidence` is one short line of numbers. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly evidence: string;
}

export interface CheckResult extends Judgement {
  readonly name: string;
  readonly durationMs: number;
}

/** What `dp smoke --json` prints. */
export interface SmokeDocument {
  readonly project: string;
  /** No check failed, and at least one passed. */
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

/** A broker's container, running or not. */
export interface SmokeBroker {
  readonly id: number;
  readonly service: string;
  /** Where it answers on this machine, `host:port`; undefined when it does not run. */
  readonly published: string | undefined;
  /** The engine's word: running, exited, paused … */
  readonly state: string;
}

export interface CanaryTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
}

export interface CanaryRecord {
  readonly key: string | null;
  readonly value: string;
  /** Undefined: the partitioner chooses, by the key. */
  readonly partition?: number;
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface Produced {
  readonly failed: number;
  /** Records sent again because an answer was lost, each time counted: with acks 0 and 1 they may be duplicates. */
  readonly resent: number;
  /** The first failure, in the broker's words. */
  readonly failure: string | undefined;
  /** Partition → offset of the first record. */
  readonly firstOffsets: ReadonlyMap<number, number>;
}

export interface GroupRead {
  readonly records: readonly { readonly partition: number; readonly offset: number }[];
  /** Partition → the committed offset, the first one not read. */
  readonly committed: ReadonlyMap<number, number>;
}

/** What one broker, asked at its published address, says of itself and the others. */
export interface BrokerAnswer {
  /** Where it says that it is to be found, `host:port`; undefined when it does not list itself. */
  readonly advertised: string | undefined;
  readonly controllerId: number;
}

/** What one broker knows of a topic. */
export interface Sighting {
  readonly brokerId: number;
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
  /** Why it did not say. */
  readonly problem: string | undefined;
}

export interface Registry {
  readonly brokerIds: readonly number[];
  readonly controllerId: number | undefined;
}

export interface Quorum {
  /** -1 when there is none. */
  readonly leaderId: number;
  readonly voters: readonly number[];
}

/** Stored as it lies in the log. */
export interface StoredBatch {
  readonly codec: string;
  readonly bytes: number;
}

export interface InsideRun {
  /** The container that ran it. */
  readonly service: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the proofs need of a stack. All of it rejects when it can't be done. */
export interface SmokeCluster {
  readonly brokers: readonly SmokeBroker[];
  readonly mode: "zookeeper" | "kraft";
  answerOf(broker: SmokeBroker): Promise<BrokerAnswer>;
  /** Asks every running broker by itself. */
  sightingsOf(topic: string): Promise<readonly Sighting[]>;
  /** Resolves when the leader of each of the topic's partitions answers for it; rejects with who does not. */
  awaitServing(topic: string): Promise<void>;
  topicNames(): Promise<readonly string[]>;
  createTopic(topic: CanaryTopic): Promise<void>;
  /** No error when it does not exist. */
  deleteTopic(name: string): Promise<void>;
  produce(batch: {
    readonly topic: string;
    readonly records: readonly CanaryRecord[];
    readonly acks: Acks;
    readonly codec: Codec;
    readonly signal: AbortSignal;
  }): Promise<Produced>;
  /** All records that consumers can see now, of all partitions or of one. */
  read(topic: string, partition?: number): Promise<readonly ReadRecord[]>;
  storedBatch(at: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }): Promise<StoredBatch>;
  /** Where dp's partitioner puts a key. */
  partitionOf(key: string, partitions: number): number;
  readWithGroup(options: {
    readonly topic: string;
    readonly group: string;
    readonly count: number;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<GroupRead>;
  /** Groups that do not exist are no error. */
  deleteGroups(groups: readonly string[]): Promise<void>;
  /** Only in ZooKeeper mode. */
  registry(signal: AbortSignal): Promise<Registry>;
  /** Only in KRaft mode. */
  quorum(): Promise<Quorum>;
  /** Runs a shell script in a broker's container. */
  runInside(script: string, limit: InsideLimit): Promise<InsideRun>;
}

export interface InsideLimit {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What one task of a canary DAG did. */
export interface CanaryRun {
  /** Airflow's word: success, failed … */
  readonly state: string;
  /** What the task printed; undefined when it printed nothing. */
  readonly answer: string | undefined;
  /** From sending the DAG until Airflow had it. */
  readonly pickedUpMs: number;
  /** From triggering it until it ended. */
  readonly ranMs: number;
}

/** What the proofs need of Airflow. */
export interface SmokeAirflow {
  readonly service: string;
  /** Where it answers on this machine, `host:port`; undefined when it does not run. */
  readonly published: string | undefined;
  /** The engine's word: running, exited, paused … */
  readonly state: string;
  /** Sends a DAG whose one task prints `word`, runs it, and removes it whatever happened. */
  runCanary(word: string, signal: AbortSignal): Promise<CanaryRun>;
}

/** What the proofs need of a store. */
export interface SmokeStore {
  readonly name: string;
  readonly published: string | undefined;
  readonly state: string;
  /**
   * Writes rows into a place of its own (a table, a list, a bucket), reads them back by another
   * connection, and removes the place; returns what was read.
   */
  roundTrip(rows: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Whether a later round trip may succeed after this failure. */
  readonly mayPass: (thrown: unknown) => boolean;
}

/** What the proofs need of a service of the user's. */
export interface SmokeService {
  readonly name: string;
  /** Asks once what its `ready` names, and returns what was seen; undefined for one that names nothing. */
  readonly ask: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** Whether a later attempt may succeed after this failure. */
  readonly mayPass: (thrown: unknown) => boolean;
}

/** What a stack has to be proved. */
export interface Subjects {
  readonly kafka: SmokeCluster | undefined;
  readonly airflow: SmokeAirflow | undefined;
  readonly stores: readonly SmokeStore[];
  readonly services: readonly SmokeService[];
}

interface RunContext {
  /** How many records the check of order writes. */
  readonly records: number;
  /** How long the check may take. */
  readonly timeoutMs: number;
  /** Aborted at the check's own limit and by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface CheckContext extends RunContext {
  readonly subjects: Subjects;
  /** Undefined without Kafka. */
  readonly canaries: Canaries | undefined;
}

export interface KafkaContext extends RunContext {
  readonly cluster: SmokeCluster;
  readonly canaries: Canaries;
}

/** Topics and groups of this run. */
export interface Canaries {
  /** A topic of the run, created at the first call for its purpose and known to every broker. */
  topic(purpose: string): Promise<CanaryTopic>;
  /** The name of a topic or group that the check makes by itself; removed at the end, too. */
  name(purpose: string): string;
}

/** A proof. */
export interface Check {
  readonly name: string;
  /** What it proves, one line. */
  readonly proves: string;
  /** Why it can't be asked of this stack; undefined when it can. */
  readonly lacks: (subjects: Subjects) => string | undefined;
  readonly run: (context: CheckContext) => Promise<Judgement>;
}

/** A proof of the brokers. */
export interface KafkaCheck {
  readonly name: string;
  readonly proves: string;
  /** Why it can't be asked of these brokers; undefined when it can. */
  readonly lacks?: (cluster: SmokeCluster) => string | undefined;
  readonly run: (context: KafkaContext) => Promise<Judgement>;
}
