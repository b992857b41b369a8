import type { Observed, ObservedContainer, ObservedObject } from "../model/containers.ts";
import { brokerIdOf, containerName } from "./names.ts";

/** Where the partitions of a topic live. */
export interface Placement {
  readonly topic: string;
  /** Kafka's own, such as `__consumer_offsets`. */
  readonly internal: boolean;
  /** Replicas of each partition, once what is being moved has arrived. */
  readonly replication: number;
  readonly partitions: readonly {
    readonly partition: number;
    /** Ids of the brokers that hold it: from where and to where, while it is moved. */
    readonly replicas: readonly number[];
  }[];
}

/** A broker that has data and is no more among those of the file. */
export interface LeavingBroker {
  readonly id: number;
  readonly service: string;
  readonly volume: ObservedObject;
  /** Undefined when it does not run. */
  readonly running: ObservedContainer | undefined;
  /** Whether there is a container of it that could run. */
  readonly startable: boolean;
  /** How many partitions live there, and of which topics. */
  readonly partitions: number;
  readonly topics: readonly string[];
}

export interface LeavingInput {
  readonly project: string;
  /** Those that the file wants: the first so many. */
  readonly brokers: number;
  readonly observed: Observed;
  /** Undefined when no broker runs to tell it. */
  readonly placements: readonly Placement[] | undefined;
}

/** The brokers that a smaller number of them leaves out, by id. */
export function leavingBrokers(input: LeavingInput): LeavingBroker[] {
  const { project, brokers, observed, placements = [] } = input;
  return observed.volumes
    .filter(({ kind }) => kind === "kafka")
    .map((volume): LeavingBroker => {
      const { service } = volume;
      const id = brokerIdOf(service) ?? 0;
      const containers = observed.containers.filter((one) => one.service === service);
      const held = placements.map(({ topic, partitions }) => ({
        topic,
        count: partitions.filter(({ replicas }) => replicas.includes(id)).length,
      }));
      return {
        id,
        service,
        volume,
        running: containers.find(({ state }) => state === "running"),
        startable: containers.some(({ name }) => name === containerName(project, service)),
        partitions: held.reduce((sum, { count }) => sum + count, 0),
        topics: held.filter(({ count }) => count > 0).map(({ topic }) => topic),
      };
    })
    .filter(({ id }) => id > brokers)
    .toSorted((a, b) => a.id - b.id);
}

export interface Refusal {
  readonly why: string;
  /** Undefined: what always helps. */
  readonly next: string | undefined;
}

/** Why brokers can't leave; undefined when what lives on them can be moved to the others. */
export function refuseShrink(
  shrink: LeavingInput & {
    readonly leaving: readonly LeavingBroker[];
    /** Controllers of a KRaft cluster; 0 in ZooKeeper mode. */
    readonly voters: number;
  },
): Refusal | undefined {
  const { leaving, brokers, voters, placements } = shrink;
  const who = servicesOf(leaving);
  if (voters > brokers) {
    const why = `${who} would be left out, but the KRaft controllers of this data are kafka-1 to kafka-${voters}, and their number is fixed`;
    return { why, next: undefined };
  }
  if (!placements) {
    const why = `${who} would be left out, and only running brokers can tell what lives there and move it`;
    return { why, next: startFirst(leaving) };
  }
  const tooMany = describeTooMany(placements, brokers);
  if (tooMany) return tooMany;
  const silent = leaving.filter(({ running, partitions }) => !running && partitions > 0);
  if (silent.length === 0) return undefined;
  const held = silent.map(({ service, ...one }) => `${describeHeld(one)} on ${service}`);
  const why = `${servicesOf(silent)} would be left out but ${silent.length === 1 ? "does" : "do"} not run, so that nothing can be moved from there: ${held.join("; ")}`;
  const ids = silent.map(({ id }) => id).join(",");
  const otherwise = `dp topic reassign --off ${ids} helps what has replicas elsewhere`;
  return { why, next: `${startFirst(silent)}; where that can't be, ${otherwise}` };
}

function startFirst(brokers: readonly LeavingBroker[]): string {
  if (brokers.every(({ startable }) => startable)) return "dp start, then dp up";
  const most = Math.max(...brokers.map(({ id }) => id));
  return `dp up --set kafka.brokers=${most} brings them back; then dp up`;
}

/** Which topics have more replicas than brokers would remain; undefined when none has. */
export function describeTooMany(
  placements: readonly Placement[],
  remaining: number,
): (Refusal & { readonly next: string }) | undefined {
  const large = placements.filter(
    ({ internal, replication }) => !internal && replication > remaining,
  );
  if (large.length === 0) return undefined;
  const left = remaining === 1 ? "1 broker" : `${remaining} brokers`;
  const named = large.map(({ topic, replication }) => `${topic} (${replication} replicas)`);
  const names = large.map(({ topic }) => topic).join(" ");
  return {
    why: `${left} would remain, too few for ${named.join(", ")}`,
    next: `dp topic reassign ${names} -r ${remaining}, then dp up`,
  };
}

const listedTopics = 8;

/** `4 partitions of orders, payments` */
export function describeHeld({
  partitions,
  topics,
}: Pick<LeavingBroker, "partitions" | "topics">): string {
  const more = topics.length > listedTopics ? ` and ${topics.length - listedTopics} more` : "";
  const names = topics.slice(0, listedTopics).join(", ");
  return `${partitions} ${partitions === 1 ? "partition" : "partitions"} of ${names}${more}`;
}

/** Kafka's own topics that get fewer replicas when so many brokers remain. */
export function loweredTopics(placements: readonly Placement[], remaining: number): string[] {
  return placements
    .filter(({ internal, replication }) => internal && replication > remaining)
    .map(({ topic }) => topic);
}

export function servicesOf(brokers: readonly { readonly service: string }[]): string {
  return brokers.map(({ service }) => service).join(", ");
}
