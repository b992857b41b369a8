import path from "node:path";
import type { Problem } from "../../stack/problem.ts";
import { isValidName, nameOfFolder } from "../name.ts";
import { convertAirflow } from "./airflow.ts";
import type { Context, Surroundings } from "./context.ts";
import { convertBuckets, convertTopics } from "./created.ts";
import { isLeftOut } from "./dependencies.ts";
import type { Draft, DraftProfile, Part } from "./draft.ts";
import { convertKafka } from "./kafka.ts";
import { createNames } from "./names.ts";
import { createNotes, type Note } from "./notes.ts";
import { hostsOf, planServices, type PlannedService } from "./plan.ts";
import { convertPostgres } from "./postgres.ts";
import { readProject, type ComposeProject } from "./project.ts";
import { readTree } from "./read-tree.ts";
import type { Kind } from "./recognise.ts";
import { convertRedis } from "./redis.ts";
import { convertS3 } from "./s3.ts";
import { convertService } from "./service.ts";
import { noteOverride, noteTopLevel } from "./top-level.ts";
import { textOf, type MapTree, type Place } from "./tree.ts";
import { createValues, type NeededVariable } from "./values.ts";
import { writePipeline } from "./write.ts";
import { convertZookeeper } from "./zookeeper.ts";

export interface ConvertInput {
  /** The text of the Compose file. */
  readonly text: string;
  /** Absolute path of the Compose file. */
  readonly file: string;
  /** The value of a variable, undefined when it is not set. It is used for decisions only. */
  readonly lookup: (name: string) => string | undefined;
  /** Whether dp finds a variable, which may read another `.env`. */
  readonly isSet: (name: string) => boolean;
  /** The name of the stack to use instead of the file's own. */
  readonly project: string | undefined;
  readonly around: Surroundings;
}

/** What became of a service of the Compose file. */
export interface ConvertedService {
  readonly name: string;
  readonly at: Place;
  /** Its place in pipeline.yaml, e.g. `kafka` or `stores.warehouse`; undefined when it has none. */
  readonly becomes: string | undefined;
}

export type Conversion =
  | {
      readonly ok: true;
      /** The text of pipeline.yaml. */
      readonly text: string;
      readonly services: readonly ConvertedService[];
      readonly notes: readonly Note[];
      /** Variables to set in `.env`. */
      readonly needed: readonly NeededVariable[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The pipeline.yaml for a Compose file: pure but for the look-ups given. */
export function convertCompose(input: ConvertInput): Conversion {
  const { text, file, lookup, isSet, around } = input;
  const read = readTree({ text, file });
  if (!read.ok) return read;
  const readOther = (other: string): MapTree | undefined => {
    const written = around.textOf(other);
    const tree = written === undefined ? undefined : readTree({ text: written, file: other });
    return tree?.ok === true ? tree.tree : undefined;
  };
  const checked = readProject({ top: read.tree, readOther });
  if (!checked.ok) return checked;
  const { project } = checked;

  const notes = createNotes();
  const values = createValues({ lookup, isSet, notes });
  const services = planServices({ project, values, around });
  const brokers = services.filter(({ kind }) => kind === "kafka").length;
  const names = createNames({ hosts: hostsOf(services, values), brokers, notes });
  const context: Context = { around, notes, values, names };
  noteTopLevel(project.top, context);
  noteOverride(project.top, context);
  const draft = draftOf({ project, services, context, named: input.project });
  const source = path.relative(around.folder, file);
  const heading = [
    `Converted from ${source} by \`dp init --from\`.`,
    "`dp validate` checks it, `dp up` starts the stack.",
  ];
  return {
    ok: true,
    text: writePipeline(draft, heading),
    services: services.map((service) => ({
      name: service.name,
      at: service.tree.at,
      becomes: placeOf(service, services),
    })),
    notes: notes.all(),
    needed: values.needed(),
  };
}

interface DraftInput {
  readonly project: ComposeProject;
  readonly services: readonly PlannedService[];
  readonly context: Context;
  readonly named: string | undefined;
}

function draftOf({ project, services, context, named }: DraftInput): Draft {
  const ofKind = (...kinds: readonly Kind[]) =>
    services.filter(({ kind, isAirflowOnly }) => kinds.includes(kind) && !isAirflowOnly);
  const buckets = convertBuckets(ofKind("buckets"), context);
  const stores = new Map<string, Part>();
  const others = new Map<string, Part>();
  const profiles = new Map<string, DraftProfile>();
  const add = (service: PlannedService, section: "stores" | "services", part: Part): void => {
    const base = { stores, services: others };
    const isAlways = service.profiles.length === 0;
    const targets = isAlways ? [base] : service.profiles.map((name) => profileOf(profiles, name));
    for (const target of targets) target[section].set(service.newName, part);
  };
  for (const service of ofKind("postgres")) {
    add(service, "stores", convertPostgres(service, context));
  }
  for (const service of ofKind("redis")) add(service, "stores", convertRedis(service, context));
  for (const service of ofKind("s3")) {
    add(service, "stores", convertS3(service, { context, buckets }));
  }
  const airflows = ofKind("airflow");
  const airflow = airflows.length > 0 ? convertAirflow(airflows, context) : undefined;
  for (const service of ofKind("service")) {
    if (isLeftOut(service)) noteLeftOut(service, context);
    else add(service, "services", convertService(service, { all: services, context }));
  }
  for (const service of services.filter((each) => each.isAirflowOnly)) {
    const reason =
      "only Airflow's own database or queue: dp's Airflow needs none. Add a store if DAGs use it";
    context.notes.drop({ service: service.name, key: "", at: service.tree.at, reason });
  }
  const nodes = ofKind("zookeeper");
  const brokers = ofKind("kafka");
  const zookeeper = nodes.length > 0 ? convertZookeeper(nodes, context) : undefined;
  const kafkaInput = { brokers, controllers: ofKind("controller"), hasZookeeper: nodes.length > 0 };
  return {
    name: nameOf({ project, named, context }),
    zookeeper,
    topics: convertTopics({ services, brokers: brokers.length, context }),
    // The last one, because the others name the addresses that it must have.
    kafka: brokers.length > 0 ? convertKafka({ ...kafkaInput, context }) : undefined,
    airflow,
    stores,
    services: others,
    profiles,
  };
}

function profileOf(profiles: Map<string, DraftProfile>, name: string): DraftProfile {
  const known = profiles.get(name) ?? { stores: new Map(), services: new Map() };
  profiles.set(name, known);
  return known;
}

/** The name of the stack; without one in the Compose file, that of its folder, as Compose does. */
function nameOf(input: {
  readonly project: ComposeProject;
  readonly named: string | undefined;
  readonly context: Context;
}): string {
  const { project, named, context } = input;
  const own = project.top.entries.get("name");
  const written = named ?? textOf(own);
  if (written !== undefined && isValidName(written)) return written;
  const name = nameOfFolder(written ?? path.basename(context.around.folder));
  if (own && named === undefined) {
    const reason = `the name of a stack has lower-case letters, digits, and dashes: ${name}`;
    context.notes.change({ service: undefined, key: "name", at: own.at, reason });
  }
  return name;
}

function noteLeftOut(service: PlannedService, { notes }: Context): void {
  const build = service.tree.entries.get("build");
  const reason =
    build === undefined
      ? "it has neither an image nor a build"
      : "dp builds folders only: clone the repository, and write its folder under build";
  const at = build?.at ?? service.tree.at;
  notes.drop({ service: service.name, key: "build", at, reason });
}

const sectionsOf: Readonly<Record<Kind, string>> = {
  kafka: "kafka",
  controller: "kafka",
  zookeeper: "zookeeper",
  airflow: "airflow",
  topics: "topics",
  postgres: "stores",
  redis: "stores",
  s3: "stores",
  buckets: "stores",
  service: "services",
};

function placeOf(service: PlannedService, all: readonly PlannedService[]): string | undefined {
  const { kind, newName, profiles, isAirflowOnly } = service;
  if (isAirflowOnly || isLeftOut(service)) return undefined;
  const section = sectionsOf[kind];
  const isNamed = section === "stores" || section === "services";
  const name = kind === "buckets" ? all.find((each) => each.kind === "s3")?.newName : newName;
  const place = isNamed ? `${section}.${name ?? newName}` : section;
  const [profile] = profiles;
  return profile === undefined || !isNamed ? place : `profiles.${profile}.${place}`;
}
