import path from "node:path";
import { shellWords } from "../container-forms.ts";
import { isNameFor } from "../rules/names.ts";
import { findListenerPorts } from "./listeners.ts";
import type { Host } from "./names.ts";
import type { Surroundings } from "./context.ts";
import type { ComposeProject, ComposeService } from "./project.ts";
import { dependenciesOf } from "./project.ts";
import { parseImage, recognise, scriptOf, type Kind } from "./recognise.ts";
import { readBucketScript, readTopicScript } from "./topics.ts";
import {
  childOf,
  entriesOf,
  pairsOf,
  splitAtColons,
  textOf,
  textsOf,
  type MapTree,
} from "./tree.ts";
import type { Values } from "./values.ts";

/** A service of the Compose file, and what it becomes. */
export interface PlannedService extends ComposeService {
  readonly kind: Kind;
  /** Its image, or the one that its Dockerfile begins with, with variables filled in. */
  readonly image: string | undefined;
  readonly script: string;
  /** The name of its entry in pipeline.yaml; for sections without names, that of the section. */
  readonly newName: string;
  /** Whether only Airflow uses it, for what dp's Airflow keeps itself. */
  readonly isAirflowOnly: boolean;
  readonly profiles: readonly string[];
}

/** Decides what each service becomes. */
export function planServices(input: {
  readonly project: ComposeProject;
  readonly values: Values;
  readonly around: Surroundings;
}): PlannedService[] {
  const { project, values, around } = input;
  const found = project.services.map((service) => {
    const image = imageOf(service.tree, { values, around });
    const script = wholeScript(service.tree, around);
    const isBuilt = childOf(service.tree, "build") !== undefined;
    const kind = recognise({ service: service.tree, image, isBuilt, script });
    return { ...service, image, script, kind };
  });
  const count = (kind: Kind): number => found.filter((each) => each.kind === kind).length;
  const settled = found.map((each) => ({ ...each, kind: settledKind(each, count) }));
  const taken = new Set<string>();
  const reserved = reservedNames.filter(({ kind }) => settled.some((each) => each.kind === kind));
  return settled.map((each) => ({
    ...each,
    newName: newNameOf(each, { taken, reserved }),
    isAirflowOnly: isAirflowOnly(each, { all: settled, values }),
    profiles: textsOf(childOf(each.tree, "profiles")),
  }));
}

type Found = ComposeService & Pick<PlannedService, "image" | "script" | "kind">;

/** A container that creates things needs the section that has them; ZooKeeper needs brokers. */
function settledKind({ kind, tree, script }: Found, count: (kind: Kind) => number): Kind {
  const lookup = (name: string) =>
    pairsOf(childOf(tree, "environment")).find((pair) => pair.name === name)?.value;
  switch (kind) {
    case "zookeeper":
    case "controller":
      return count("kafka") > 0 ? kind : "service";
    case "topics": {
      const { created, unreadable } = readTopicScript(script, lookup);
      return count("kafka") > 0 && created.length > 0 && unreadable.length === 0 ? kind : "service";
    }
    case "buckets": {
      const { created, unreadable } = readBucketScript(script, lookup);
      return count("s3") === 1 && created.length > 0 && unreadable.length === 0 ? kind : "service";
    }
    default:
      return kind;
  }
}

function imageOf(
  tree: MapTree,
  { values, around }: { values: Values; around: Surroundings },
): string | undefined {
  const written = textOf(childOf(tree, "image"));
  const build = childOf(tree, "build");
  if (!build) return written === undefined ? undefined : values.evaluate(written);
  const dockerfile = dockerfileOf(tree, values);
  return dockerfile === undefined ? undefined : baseImage(around.textOf(dockerfile) ?? "");
}

/** The absolute path of the Dockerfile of a service; undefined for another source of its image. */
export function dockerfileOf(tree: MapTree, values: Values): string | undefined {
  const build = childOf(tree, "build");
  const context = textOf(build) ?? textOf(childOf(build, "context")) ?? ".";
  if (!build || isUrl(context)) return undefined;
  const file = textOf(childOf(build, "dockerfile")) ?? "Dockerfile";
  const folder = path.resolve(path.dirname(build.at.file), values.evaluate(context));
  return path.resolve(folder, values.evaluate(file));
}

export function isUrl(context: string): boolean {
  return /^[a-z+]+:\/\/|^git@|^github\.com\//i.test(context);
}

/** The image of the last stage, by the name of the first one that is not a stage itself. */
function baseImage(dockerfile: string): string | undefined {
  const args = new Map(
    [...dockerfile.matchAll(/^ARG\s+(\w+)=(\S+)/gim)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
  const stages = new Map<string, string>();
  let last: string | undefined;
  for (const [, image = "", stage] of dockerfile.matchAll(
    /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim,
  )) {
    const filled = image.replaceAll(
      /\$\{?(\w+)[^}]*\}?/g,
      (found, name: string) => args.get(name) ?? found,
    );
    last = stages.get(filled) ?? filled;
    if (stage !== undefined) stages.set(stage, last);
  }
  return last;
}

/** The script of a service, with the texts of mounted scripts that it calls. */
function wholeScript(tree: MapTree, around: Surroundings): string {
  const script = scriptOf(tree, shellWords);
  const mounts = textsOf(childOf(tree, "volumes")).map(splitAtColons);
  const called = script.split(/\s+/).flatMap((word) => {
    const mount = mounts.find(
      ([, target]) => target !== undefined && (word === target || word.startsWith(`${target}/`)),
    );
    const [source = "", target = ""] = mount ?? [];
    if (!/^\.\.?\//.test(source)) return [];
    const file = path.resolve(path.dirname(tree.at.file), source + word.slice(target.length));
    return around.textOf(file) ?? [];
  });
  return [script, ...called].join("\n").trim();
}

/** The names that reach a service in the Compose network. */
export function hostNames({ name, tree }: ComposeService): string[] {
  const aliases = entriesOf(childOf(tree, "networks")).flatMap(([, network]) =>
    textsOf(childOf(network, "aliases")),
  );
  const own = ["container_name", "hostname"].flatMap((key) => textOf(childOf(tree, key)) ?? []);
  return [...new Set([name, ...own, ...aliases])];
}

export function hostsOf(services: readonly PlannedService[], values: Values): Host[] {
  return services.flatMap((service) => {
    const target = targetOf(service, values);
    return target === undefined ? [] : hostNames(service).map((name) => ({ name, target }));
  });
}

function targetOf(service: PlannedService, values: Values): Host["target"] | undefined {
  const { kind, newName: name, isAirflowOnly } = service;
  if (isAirflowOnly) return undefined;
  switch (kind) {
    case "kafka":
      return { kind, ports: findListenerPorts(service, values) };
    case "zookeeper":
    case "airflow":
    case "service":
    case "s3":
    case "postgres":
    case "redis":
      return { kind, name };
    default:
      return undefined;
  }
}

const sectionNames: Partial<Record<Kind, string>> = {
  kafka: "kafka",
  controller: "kafka",
  topics: "kafka",
  zookeeper: "zookeeper",
  airflow: "airflow",
};

/** Names of dp's own containers, in a stack that has them. */
const reservedNames: readonly { readonly kind: Kind; readonly form: RegExp }[] = [
  { kind: "kafka", form: /^kafka(-\d+)?$/ },
  { kind: "zookeeper", form: /^zookeeper(-\d+)?$/ },
  { kind: "airflow", form: /^airflow$/ },
];

function newNameOf(
  { name, kind }: Found,
  { taken, reserved }: { taken: Set<string>; reserved: typeof reservedNames },
): string {
  const own = sectionNames[kind];
  if (own !== undefined) return own;
  const section = kind === "service" || kind === "buckets" ? "services" : "stores";
  const cleaned = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const candidates = [name, cleaned, `${cleaned}-${section.slice(0, -1)}`, `service-${cleaned}`];
  const isReserved = (each: string): boolean => reserved.some(({ form }) => form.test(each));
  const free = candidates.find(
    (each) => isNameFor(section, each) && !isReserved(each) && !taken.has(each),
  );
  const chosen = free ?? name;
  taken.add(chosen);
  return chosen;
}

/** Variables of Airflow that name its own database, and its queue of tasks. */
const ownVariable =
  /^AIRFLOW__(DATABASE|CORE)__SQL_ALCHEMY_CONN|^AIRFLOW__CELERY__(RESULT_BACKEND|BROKER_URL)/;

function isAirflowOnly(
  service: Found,
  { all, values }: { all: readonly Found[]; values: Values },
): boolean {
  if (service.kind !== "postgres" && service.kind !== "redis") return false;
  if (
    textsOf(childOf(service.tree, "volumes")).some((text) =>
      text.includes("docker-entrypoint-initdb.d"),
    )
  ) {
    return false;
  }
  const names = hostNames(service);
  const mentions = (text: string): boolean =>
    names.some((name) =>
      new RegExp(String.raw`(?<![\w.-])${name.replaceAll(/[-.]/g, String.raw`\$&`)}(?![\w-])`).test(
        values.evaluate(text),
      ),
    );
  const others = all.filter(({ name }) => name !== service.name);
  const airflows = others.filter(({ kind }) => kind === "airflow");
  const variables = airflows.flatMap(({ tree }) => pairsOf(childOf(tree, "environment")));
  const isOwn = variables.some(
    ({ name, value = "" }) => ownVariable.test(name) && mentions(hostPart(value)),
  );
  const isUsedByDags = variables.some(
    ({ name, value = "" }) => !ownVariable.test(name) && mentions(value),
  );
  const isUsedByOthers = others
    .filter(({ kind }) => kind !== "airflow")
    .some(({ tree, script }) => {
      const texts = [
        ...pairsOf(childOf(tree, "environment")).map(({ value = "" }) => value),
        script,
      ];
      return dependenciesOf(tree).some(({ name }) => name === service.name) || texts.some(mentions);
    });
  return isOwn && !isUsedByDags && !isUsedByOthers;
}

/** `host:port/…` of a URL: its scheme and its login may have the same word. */
function hostPart(url: string): string {
  return url.replace(/^.*(?:@|:\/\/)/, "");
}

/** The tag of a service's image, without a suffix such as `-alpine`. */
export function versionOf({ image }: Pick<PlannedService, "image">): string | undefined {
  return /^v?(\d+(?:\.\d+)*)/.exec(parseImage(image ?? "").tag ?? "")?.[1];
}
