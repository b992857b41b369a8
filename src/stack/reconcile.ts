import { hasCompleted } from "./completed.ts";
import { describeDifference, fingerprintOf, partsOf } from "./fingerprint.ts";
import type {
  ContainerSpec,
  Observed,
  ObservedContainer,
  ServiceKind,
  VolumeMount,
} from "../model/containers.ts";
import { describeOutOfMemory } from "./memory.ts";
import type { Change } from "./plan-model.ts";
import { containerName, networkName } from "./names.ts";
import {
  describeHeld,
  leavingBrokers,
  servicesOf,
  type LeavingBroker,
  type Placement,
} from "./placement.ts";

/** What is to happen to one service, and the containers it happens to. */
export type Decision = {
  readonly spec: ContainerSpec;
  /** Empty when nothing is to be said. */
  readonly cause: string;
  /** Half-made or broken containers that must go before anything else. */
  readonly debris: readonly ObservedContainer[];
  readonly missingVolumes: readonly VolumeMount[];
} & (
  | { readonly action: "keep"; readonly leftover: ObservedContainer | undefined }
  | { readonly action: "create" }
  | { readonly action: "start"; readonly leftover: ObservedContainer | undefined }
  | { readonly action: "unpause"; readonly container: ObservedContainer }
  /** `old` is kept until its successor is ready. */
  | { readonly action: "replace"; readonly old: ObservedContainer }
);

export interface Decisions {
  readonly project: string;
  readonly createNetwork: boolean;
  readonly services: readonly Decision[];
  /**
   * Brokers and ZooKeeper that are not looked at, whose volumes are made with the first ones all the
   * same: later the volumes of one kind alone mean that data was lost.
   */
  readonly reserved: readonly ContainerSpec[];
  /** Containers of services that left the file. */
  readonly gone: readonly ObservedContainer[];
  /** Brokers that left the file while others stay: they are drained, and their data goes. */
  readonly leaving: readonly LeavingBroker[];
  /** Whether ZooKeeper has data from before, which may hold the ids of brokers that died. */
  readonly zookeeperHasData: boolean;
}

export interface ReconcileInput {
  readonly project: string;
  /** All that the file wants. */
  readonly specs: readonly ContainerSpec[];
  /** The services that are looked at; the others stay as they are. */
  readonly selected: ReadonlySet<string>;
  readonly observed: Observed;
  /** Services to replace although nothing changed. */
  readonly recreate: readonly string[];
  /** Where partitions live; undefined when nobody needs to know. */
  readonly placements?: readonly Placement[];
}

/** Compares what should run with what does. Makes no call and changes nothing. */
export function reconcile(input: ReconcileInput): Decisions {
  const { project, specs, selected, observed, recreate } = input;
  const volumes = new Set(observed.volumes.map(({ name }) => name));
  const wanted = new Set(specs.map(({ service }) => service));
  const leaving = leavingOf(input);
  const isLooked = brokersAreSelected(input);
  const staysAside = new Set(isLooked ? [] : leaving.map(({ service }) => service));
  const createNetwork = !observed.networks.some(({ name }) => name === networkName(project));
  return {
    project,
    createNetwork,
    services: specs
      .filter(({ service }) => selected.has(service))
      .map((spec) =>
        decide({
          spec,
          candidates: observed.containers.filter(({ service }) => service === spec.service),
          missingVolumes: spec.volumes.filter(({ name }) => !volumes.has(name)),
          asked: recreate.includes(spec.service),
          networkGone: createNetwork,
        }),
      ),
    reserved: reservedOf(input),
    gone: observed.containers.filter(
      ({ service }) => !wanted.has(service) && !staysAside.has(service),
    ),
    leaving: isLooked ? leaving : [],
    zookeeperHasData: observed.volumes.some(({ kind }) => kind === "zookeeper"),
  };
}

function leavingOf({ project, specs, observed, placements }: ReconcileInput): LeavingBroker[] {
  const brokers = specs.filter(({ kind }) => kind === "kafka").length;
  return brokers === 0 ? [] : leavingBrokers({ project, brokers, observed, placements });
}

/** What leaves a cluster goes with the change of those that stay, or not at all. */
function brokersAreSelected({ specs, selected }: ReconcileInput): boolean {
  return specs.some(({ kind, service }) => kind === "kafka" && selected.has(service));
}

function reservedOf({ specs, selected, observed }: ReconcileInput): ContainerSpec[] {
  const isOfCluster = ({ kind }: { readonly kind: ServiceKind | "network" }): boolean =>
    kind === "zookeeper" || kind === "kafka";
  const cluster = specs.filter(isOfCluster);
  const begins =
    cluster.some(({ service }) => selected.has(service)) && !observed.volumes.some(isOfCluster);
  return begins ? cluster.filter(({ service }) => !selected.has(service)) : [];
}

interface DecideInput {
  readonly spec: ContainerSpec;
  readonly candidates: readonly ObservedContainer[];
  readonly missingVolumes: readonly VolumeMount[];
  readonly asked: boolean;
  /** A container keeps the id of its network: with a new one it can't start. */
  readonly networkGone: boolean;
}

function decide(input: DecideInput): Decision {
  const { spec, candidates, missingVolumes, asked, networkGone } = input;
  const usable = candidates.filter(({ state }) => !debrisStates.has(state));
  const debris = candidates.filter(({ state }) => debrisStates.has(state));
  const base = { spec, debris, missingVolumes };
  const named = usable.find(({ name }) => name === spec.name);
  const container = named ?? usable[0];
  // A second container is the predecessor that an interrupted replacement left behind.
  const leftover = usable.find((candidate) => candidate !== container);
  if (!container) return { ...base, action: "create", cause: "not there" };

  const parts = partsOf(spec);
  const unchanged = container.fingerprint === fingerprintOf(parts);
  if (!unchanged || asked || networkGone) {
    const cause = unchanged
      ? asked
        ? "asked for"
        : "its network is gone"
      : describeDifference(container.parts, parts);
    const debrisToo = leftover ? [...debris, leftover] : debris;
    return { ...base, debris: debrisToo, action: "replace", old: container, cause };
  }
  if (!named) {
    return { ...base, action: "replace", old: container, cause: "an interrupted run renamed it" };
  }
  switch (container.state) {
    case "running":
    // The engine is about to start it again by itself.
    case "restarting":
      return { ...base, action: "keep", leftover, cause: "" };
    case "paused":
      return { ...base, action: "unpause", container, cause: "paused" };
    default:
      return hasCompleted(container)
        ? { ...base, action: "keep", leftover, cause: "" }
        : { ...base, action: "start", leftover, cause: stoppedBecause(container) };
  }
}

/** A container that never started has no config in it; a dead one can't be started. */
const debrisStates: ReadonlySet<string> = new Set(["created", "dead", "removing"]);

function stoppedBecause({ exitCode, oomKilled, memLimitBytes }: ObservedContainer): string {
  return oomKilled ? describeOutOfMemory(memLimitBytes) : `had stopped (exit code ${exitCode})`;
}

/** What a person reads of the decisions. */
export function changesOf(decisions: Decisions): Change[] {
  const { project, createNetwork, services, reserved, gone, leaving } = decisions;
  const network: Change[] = createNetwork
    ? [{ action: "create", object: "network", target: networkName(project), cause: "not there" }]
    : [];
  const volumes = [
    ...services.flatMap(({ missingVolumes }) => missingVolumes),
    ...reserved.flatMap((spec) => spec.volumes),
  ].map(({ name }): Change => ({
    action: "create",
    object: "volume",
    target: name,
    cause: "not there",
  }));
  const containers = services.flatMap((decision): Change[] => {
    const { spec, action, cause } = decision;
    if (action === "keep") return [];
    return [{ action, object: "container", target: spec.service, cause }];
  });
  const removed = gone.map(({ service }): Change => ({
    action: "remove",
    object: "container",
    target: service,
    cause: "it left the file",
  }));
  const drained = leaving.map(({ service, volume, partitions }): Change => ({
    action: "remove",
    object: "volume",
    target: volume.name,
    cause:
      partitions > 0
        ? `it holds no records once ${service} is drained`
        : `no partition lives on ${service}`,
  }));
  const leftovers = services.flatMap((decision): Change[] => {
    if (!("leftover" in decision) || !decision.leftover) return [];
    const target = decision.leftover.name.replace(containerName(project, ""), "");
    return [{ action: "remove", object: "container", target, cause: "left by an interrupted run" }];
  });
  return [
    ...network,
    ...volumes,
    ...containers,
    ...leftovers,
    ...drains(decisions),
    ...removed,
    ...drained,
  ];
}

function drains({ services, leaving }: Decisions): Change[] {
  const staying = services.filter(({ spec }) => spec.kind === "kafka").map(({ spec }) => spec);
  return leaving
    .filter(({ partitions }) => partitions > 0)
    .map((broker) => ({
      action: "drain",
      object: "broker",
      target: broker.service,
      cause: `${describeHeld(broker)} ${broker.partitions === 1 ? "moves" : "move"} to ${servicesOf(staying)}`,
    }));
}
