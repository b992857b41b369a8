import { DpError } from "../errors.ts";
import { describeOwner } from "./owner.ts";
import { traitParts } from "./fingerprint.ts";
import type {
  ContainerSpec,
  ForeignObject,
  Observed,
  ObservedObject,
} from "../model/containers.ts";
import { networkName, replacedName } from "./names.ts";
import { leavingBrokers, refuseShrink, type Placement, type Refusal } from "./placement.ts";

interface RefuseInput {
  readonly project: string;
  readonly specs: readonly ContainerSpec[];
  readonly observed: Observed;
  readonly placements?: readonly Placement[];
}

/**
 * Throws when the stack can't be changed as wished without losing data, or when one of its names
 * belongs to somebody else (contracts: Changes, Names and labels).
 */
export function refuseUnsafe(input: RefuseInput): void {
  refuseForeignNames(input);
  const refusal = shrinkLoss(input) ?? dataLoss(input);
  if (refusal === undefined) return;
  const { why, next } = typeof refusal === "string" ? { why: refusal, next: undefined } : refusal;
  throw new DpError({
    code: "refused",
    message: `${input.project} can't be changed like that without losing data`,
    why,
    next:
      next ??
      `take the change in the file back, or start over without the data: dp down --volumes --project ${input.project}, then dp up`,
  });
}

function refuseForeignNames({ project, specs, observed }: RefuseInput): void {
  const wanted: Readonly<Record<ForeignObject["object"], readonly string[]>> = {
    network: [networkName(project)],
    container: specs.flatMap(({ name, service }) => [name, replacedName(project, service)]),
    volume: specs.flatMap(({ volumes }) => volumes.map(({ name }) => name)),
  };
  const foreign =
    observed.foreign.find(({ object, name }) => wanted[object].includes(name)) ??
    volumeOfAnother({ specs, observed });
  if (!foreign) return;
  throw new DpError({
    code: "name-taken",
    message: `the ${foreign.object} name ${foreign.name} is taken`,
    why: `it belongs to ${foreign.owner}`,
    next: `give the stack another name with \`name:\` or --project, or remove that ${foreign.object}`,
  });
}

/** A volume of the stack's own that two services would share, because their names run together. */
function volumeOfAnother({
  specs,
  observed,
}: Omit<RefuseInput, "project">): ForeignObject | undefined {
  const owners = new Map(observed.volumes.map(({ name, service }) => [name, service]));
  for (const { service, volumes } of specs) {
    for (const { name } of volumes) {
      const owner = owners.get(name);
      if (owner !== undefined && owner !== service) {
        return { object: "volume", name, owner: `the service ${owner} of the same stack` };
      }
      owners.set(name, service);
    }
  }
  return undefined;
}

/** Why fewer brokers would lose data; undefined when they would not. */
function shrinkLoss({ project, specs, observed, placements }: RefuseInput): Refusal | undefined {
  const wanted = specs.filter(({ kind }) => kind === "kafka");
  if (wanted.length === 0) return undefined;
  const shrink = { project, brokers: wanted.length, observed, placements };
  const leaving = leavingBrokers(shrink);
  if (leaving.length === 0) return undefined;
  const voters = Number(wanted[0]?.dataTraits["voters"] ?? 0);
  return refuseShrink({ ...shrink, leaving, voters });
}

/** Why the wish would lose data; undefined when it does not. */
function dataLoss({ specs, observed }: RefuseInput): string | undefined {
  const volumes = observed.volumes;
  const brokerVolumes = volumes.filter(({ kind }) => kind === "kafka");
  const zookeeperVolumes = volumes.filter(({ kind }) => kind === "zookeeper");
  const brokers = specs.filter(({ kind }) => kind === "kafka");
  const withZooKeeper = specs.some(({ kind }) => kind === "zookeeper");

  const changed = changedTrait(specs, volumes);
  if (changed) return changed;
  if (withZooKeeper && brokers.length > 0) {
    if (zookeeperVolumes.length > 0 && brokerVolumes.length === 0) {
      return `${names(zookeeperVolumes)} knows topics whose data is gone: there is no volume of a broker`;
    }
    if (brokerVolumes.length > 0 && zookeeperVolumes.length === 0) {
      return `${names(brokerVolumes)} belongs to a cluster that a new ZooKeeper would not know: its volume is gone`;
    }
  }
  if (!withZooKeeper && zookeeperVolumes.length > 0 && brokers.length > 0) {
    return `${names(zookeeperVolumes)} holds the metadata of a cluster in ZooKeeper mode, which KRaft can't read`;
  }
  return undefined;
}

function changedTrait(
  specs: readonly ContainerSpec[],
  volumes: readonly ObservedObject[],
): string | undefined {
  for (const spec of specs) {
    const volume = volumes.find(({ name }) => spec.volumes.some((mount) => mount.name === name));
    if (!volume) continue;
    if (volume.kind !== spec.kind) {
      return `the data of ${spec.service} was written by a ${volume.kind}, and a ${spec.kind} can't read it`;
    }
    const wished = traitParts(spec);
    const changed = Object.keys({ ...wished, ...volume.parts }).find(
      (part) => part.startsWith("trait.") && wished[part] !== volume.parts[part],
    );
    if (changed) {
      const reason = traitReasons[`${spec.kind}.${changed.slice("trait.".length)}`];
      return reason?.(spec.service) ?? `${changed} of ${volume.name} changed`;
    }
  }
  return undefined;
}

/** By kind of service and trait. */
const traitReasons: Readonly<Record<string, (service: string) => string>> = {
  "kafka.mode": () =>
    "the brokers' data was written in the other mode (ZooKeeper or KRaft), and this one can't read it",
  "kafka.version": () => "the brokers' data was written by another Kafka version",
  "kafka.voters": () => "a KRaft quorum with fixed voters can't grow or shrink with its data",
  "zookeeper.nodes": () =>
    "an ensemble of ZooKeeper has a fixed number of nodes: new ones would start empty, and could outvote the data",
  "postgres.version": (store) =>
    `the data of ${store} was written by another major version of Postgres, and this one can't read it`,
  "postgres.database": (store) =>
    `${store} was made with another database, and Postgres makes one on an empty volume only`,
  "postgres.user": (store) =>
    `${store} was made with another user, and Postgres makes one on an empty volume only`,
};

function names(volumes: readonly ObservedObject[]): string {
  return volumes.map(({ name }) => name).join(", ");
}

interface IdentityInput {
  readonly project: string;
  readonly file: string;
  readonly host: string;
  readonly observed: Observed;
  /** Whether `--project` was given. */
  readonly projectGiven: boolean;
  readonly fileExists: (path: string) => boolean;
  /** A path of this host without symbolic links. */
  readonly realPathOf: (path: string) => string;
}

/**
 * A stack is its name and its file, by whatever link the file is reached. Returns a note when a stack is
 * adopted whose file is gone; throws when the name belongs to another living file.
 */
export function claimStack(input: IdentityInput): string | undefined {
  const owner = describeOwner(input.observed);
  if (owner === undefined || owner.file === input.file) return undefined;
  const elsewhere = owner.host !== input.host;
  if (!elsewhere && input.realPathOf(owner.file) === input.realPathOf(input.file)) return undefined;
  if (!elsewhere && !input.fileExists(owner.file)) {
    return `adopting ${input.project}: its file ${owner.file} no longer exists`;
  }
  if (elsewhere && input.projectGiven) return undefined;
  throw new DpError({
    code: "stack-elsewhere",
    message: `a stack named ${input.project} runs already, from another file`,
    why: `that one: ${owner.file}${elsewhere ? ` on host ${owner.host}` : ""}; this one: ${input.file}`,
    next: `choose another name: \`name:\` in the file, or dp --project ${input.project}-2 …`,
  });
}
