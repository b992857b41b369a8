import { partsOf } from "./fingerprint.ts";
import type { ContainerSpec, Observed } from "../model/containers.ts";
import { brokerIdOf } from "./names.ts";
import { loweredTopics, type Placement } from "./placement.ts";
import type { Decisions } from "./reconcile.ts";

export interface NotesInput {
  readonly decisions: Decisions;
  readonly observed: Observed;
  readonly specs: readonly ContainerSpec[];
  /** Services that are replaced one after another. */
  readonly rolled: ReadonlySet<string>;
  readonly placements?: readonly Placement[];
}

/** What a person should know of a plan beside its changes: a line each. */
export function notesOf(input: NotesInput): string[] {
  return [
    ...rollNotes(input),
    ...growthNotes(input),
    ...shrinkNotes(input),
    ...memoryNotes(input),
    ...passwordNotes(input),
    ...keptVolumes(input),
  ];
}

function rollNotes({ rolled }: NotesInput): string[] {
  const brokers = [...rolled].filter((service) => brokerIdOf(service) !== undefined);
  const nodes = [...rolled].filter((service) => !brokers.includes(service));
  return [
    ...(nodes.length > 0
      ? [`one after another, each when all others answer: ${nodes.join(", ")}`]
      : []),
    ...(brokers.length > 0
      ? [
          `one after another, each when every partition has all its replicas in sync: ${brokers.join(", ")}; only partitions with a single replica pause`,
        ]
      : []),
  ];
}

/** Data stays where it is when brokers join. */
function growthNotes({ specs, observed }: NotesInput): string[] {
  const brokers = specs.filter(({ kind }) => kind === "kafka");
  const known = observed.volumes
    .filter(({ kind }) => kind === "kafka")
    .map(({ service }) => service);
  const joining = brokers.map(({ service }) => service).filter((one) => !known.includes(one));
  if (known.length === 0 || joining.length === 0) return [];
  const voters = Number(brokers[0]?.dataTraits["voters"] ?? brokers.length);
  const controllers = brokers.slice(0, voters).map(({ service }) => service);
  const plainBrokers = joining.filter((service) => !controllers.includes(service));
  return [
    `existing topics stay on ${known.toSorted().join(", ")}, Kafka's own (__consumer_offsets) with the replication they were made with; topics made from then on use all ${brokers.length} brokers`,
    `to spread existing topics: dp topic reassign --balance; for more replicas: dp topic reassign TOPIC -r ${Math.min(3, brokers.length)}`,
    ...(plainBrokers.length > 0
      ? [
          `${plainBrokers.join(", ")} ${plainBrokers.length === 1 ? "joins" : "join"} as broker only: the KRaft controllers of this data stay ${controllers.join(", ")}`,
        ]
      : []),
  ];
}

/** No record is lost when brokers leave, but there may be fewer copies. */
function shrinkNotes({ decisions, specs, placements = [] }: NotesInput): string[] {
  if (decisions.leaving.length === 0) return [];
  const remaining = specs.filter(({ kind }) => kind === "kafka").length;
  const lowered = loweredTopics(placements, remaining);
  if (lowered.length === 0) return [];
  const copies = remaining === 1 ? "1 replica" : `${remaining} replicas`;
  return [`Kafka's own topics keep ${copies} of each partition: ${lowered.join(", ")}`];
}

/** Nobody should learn of it by a loss. */
function memoryNotes({ decisions }: NotesInput): string[] {
  return decisions.services
    .filter(({ spec, action }) => spec.kind === "s3" && action !== "keep" && action !== "unpause")
    .map(
      ({ spec: { service } }) =>
        `${service} keeps its objects in memory only: each stop of it, dp down too, empties its buckets`,
    );
}

const postgresPassword = "env.POSTGRES_PASSWORD";

/** The new server would start, and refuse everyone. */
function passwordNotes({ decisions }: NotesInput): string[] {
  return decisions.services.flatMap((decision) => {
    const { spec, action, missingVolumes } = decision;
    if (spec.kind !== "postgres" || action !== "replace" || missingVolumes.length > 0) return [];
    const isSame = decision.old.parts[postgresPassword] === partsOf(spec)[postgresPassword];
    const user = spec.environment["POSTGRES_USER"] ?? "";
    return isSame
      ? []
      : [
          `${spec.service} keeps its password: Postgres sets one on an empty volume only; run ALTER USER ${user} PASSWORD '…' before dp up`,
        ];
  });
}

function keptVolumes({ decisions, observed: { volumes } }: NotesInput): string[] {
  return decisions.gone
    .filter(({ service }) => volumes.some((volume) => volume.service === service))
    .filter(({ service }) => !decisions.leaving.some((broker) => broker.service === service))
    .map(({ service }) => `the volume of ${service} stays; dp down --volumes removes it`);
}
