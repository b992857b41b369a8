import type { Address, ContainerSpec, ReadinessGroup } from "../model/containers.ts";

/** What a plan consists of. Types only. */

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
    /** The target is the volume's name. */
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
    /** The target is the volume's name. */
    | { readonly kind: "remove-volume" }
    | { readonly kind: "await-ready"; readonly group: ReadinessGroup }
    /** Creates and changes the topics, and loads their seeds, as soon as the brokers are ready. */
    | {
        readonly kind: "apply-topics";
        /** Whether a container starts after it: then its failure is the failure of the run. */
        readonly required: boolean;
      }
    /** Between two replacements of one group: when it is met, what was done to `keeps` stays. */
    | {
        readonly kind: "await-steady";
        readonly group: ReadinessGroup;
        /** Services that are proven by it. */
        readonly keeps: readonly string[];
      }
    /** A broker must not meet a new ZooKeeper that has opened its port but does not serve yet. */
    | { readonly kind: "let-zookeeper-begin"; readonly durationMs: number }
    /** A broker that died may start again only when its old znode is gone (ZooKeeper mode). */
    | {
        readonly kind: "await-deregistered";
        readonly brokerId: number;
        readonly zookeeper: Address;
      }
    /** Moves all replicas away from brokers; met when these hold no partition any more. */
    | {
        readonly kind: "drain-brokers";
        readonly leaving: readonly number[];
        readonly staying: readonly number[];
        readonly bootstrap: readonly Address[];
      }
    /** KRaft keeps the registration of a broker that has stopped for good. */
    | {
        readonly kind: "unregister-broker";
        readonly brokerId: number;
        readonly bootstrap: readonly Address[];
      }
  );

/** What happens to one object, and why: what a person reads. */
export interface Change {
  readonly action: "create" | "replace" | "start" | "unpause" | "drain" | "remove";
  readonly object: "network" | "volume" | "container" | "broker";
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
