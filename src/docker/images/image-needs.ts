import type { NamedWish, VersionWish } from "./image-choice.ts";
import type { ImagePackages } from "./package-layer.ts";
import { runtimeVersion } from "./recipe-table.ts";
import type { BuiltService } from "./service-build.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { Stack, StoreSettings } from "../../model/settings.ts";
import {
  airflowService,
  brokerService,
  runnerService,
  zookeeperService,
} from "../../stack/names.ts";
import { expandServices } from "../../stack/select.ts";
import { kafkaImageKey } from "../../stack/settle.ts";
import { containerSteps, needsRunner, stepImageKey } from "../../stack/step-container.ts";

/** Kafka's version when a stack has ZooKeeper only: the last line that carries ZooKeeper. */
const zookeeperVersion = "3.9.2";

/** An image that a stack needs. */
export type ImageNeed = {
  /** What it is for: `kafka` (ZooKeeper shares it), else the service. */
  readonly key: string;
} & (
  | {
      readonly kind: "recipe";
      readonly wish: VersionWish;
      /** What pipeline.yaml adds to it. */
      readonly packages?: ImagePackages | undefined;
    }
  | { readonly kind: "named"; readonly wish: NamedWish }
  | { readonly kind: "build"; readonly service: BuiltService }
);

/** The images of a stack, one for each key. */
export function imageNeeds(stack: Stack): ImageNeed[] {
  const { name: project, zookeeper, kafka, airflow, stores, services } = stack;
  return [
    ...(zookeeper || kafka ? [wishFor(kafkaImageKey, kafkaWish(stack))] : []),
    ...stores.map((store) => wishFor(store.name, storeWish(store))),
    ...(airflow
      ? [
          {
            ...wishFor(airflowService, {
              what: "airflow",
              version: airflow.version,
              named: airflow.image,
              section: "airflow",
            }),
            packages: airflowPackages(stack),
          },
        ]
      : []),
    ...services.map(({ name, source }): ImageNeed => {
      if (source.kind === "build") {
        const { folder, dockerfile, args, target } = source;
        const service = { project, service: name, folder, dockerfile, args, target };
        return { key: name, kind: "build", service };
      }
      const wish = { what: "named", named: source.ref, section: `services.${name}` } as const;
      return { key: name, kind: "named", wish };
    }),
    ...namedStepNeeds(stack),
    ...(needsRunner(stack) ? [wishFor(runnerService, runtimeWish)] : []),
  ];
}

/** Images that steps name, each once. */
function namedStepNeeds({ pipelines }: Stack): ImageNeed[] {
  const needs = containerSteps(pipelines).flatMap(({ pipeline, step, run: { from } }) => {
    if (from.kind !== "image") return [];
    const section = `pipelines.${pipeline}.steps.${step.id}.run`;
    const wish = { what: "named", named: from.ref, section } as const;
    return [[stepImageKey(from), { key: stepImageKey(from), kind: "named", wish }] as const];
  });
  return [...new Map<string, ImageNeed>(needs.toReversed()).values()].toReversed();
}

/** The images of the containers that run steps of these pipelines. */
export function stepContainerNeeds(stack: Stack, pipelines: readonly Pipeline[]): ImageNeed[] {
  const keys = new Set(containerSteps(pipelines).map(({ run }) => stepImageKey(run.from)));
  return imageNeeds(stack).filter(({ key }) => keys.has(key));
}

type RecipeNeed = Extract<ImageNeed, { readonly kind: "recipe" }>;

function wishFor(key: string, wish: VersionWish): RecipeNeed {
  return { key, kind: "recipe", wish };
}

/** Steps run in Airflow's container, in an environment of their own. */
function airflowPackages(stack: Stack): ImagePackages | undefined {
  const { name: project, airflow, pythonRequirements: python } = stack;
  const requirements = airflow?.requirements ?? [];
  if (requirements.length + python.length === 0) return undefined;
  return { project, service: "airflow", airflow: requirements, python };
}

/** The image that runs steps without Airflow: Airflow's, which the stack has anyway, else the runtime's. */
export function stepImageNeed(stack: Stack): ImageNeed {
  const ofAirflow = imageNeeds(stack).find(({ key }) => key === airflowService);
  return ofAirflow ?? runtimeNeed(stack);
}

/** Key and service of the image of steps that run without Airflow. */
export const runtimeKey = "runtime";

function runtimeNeed({ name: project, pythonRequirements: python }: Stack): RecipeNeed {
  const packages =
    python.length === 0
      ? undefined
      : ({ project, service: "runtime", airflow: [], python } as const);
  return { key: runtimeKey, kind: "recipe", wish: runtimeWish, packages };
}

const runtimeWish = {
  what: "runtime",
  version: runtimeVersion,
  named: undefined,
  section: undefined,
} as const satisfies VersionWish;

function kafkaWish({ kafka }: Stack): VersionWish {
  const version = kafka?.version ?? zookeeperVersion;
  return { what: "kafka", version, named: kafka?.image, section: "kafka" };
}

function storeWish({ name, type, version, image }: StoreSettings): VersionWish {
  return { what: type, version, named: image, section: `stores.${name}` };
}

/** All images of a stack, and that of its steps if it has packages and no Airflow. */
export function builtNeeds(stack: Stack): ImageNeed[] {
  const ofSteps =
    stack.airflow || stack.pythonRequirements.length === 0 ? [] : [runtimeNeed(stack)];
  return [...imageNeeds(stack), ...ofSteps];
}

/**
 * The keys of the images of the services that words mean, and of those that these start after; of all
 * without words.
 */
export function imageKeys(stack: Stack, words: readonly string[]): ReadonlySet<string> {
  const { zookeeper, kafka, airflow, stores, services, pipelines } = stack;
  const keys = new Map<string, string>([
    ...(zookeeper?.ports ?? []).map(
      (_, index) => [zookeeperService(index + 1), kafkaImageKey] as const,
    ),
    ...(kafka?.ports ?? []).map((_, index) => [brokerService(index + 1), kafkaImageKey] as const),
    ...(airflow ? [[airflowService, airflowService] as const] : []),
    ...[...stores, ...services].map(({ name }) => [name, name] as const),
  ]);
  const all = [...keys.keys()];
  const names = new Set(words.length === 0 ? all : expandServices(words, all));
  // What is added is looked at in its turn.
  for (const name of names) {
    const needed = services.find((service) => service.name === name)?.startsAfter ?? [];
    for (const { group } of needed) expandServices([group], all).forEach((one) => names.add(one));
  }
  const ofSteps =
    words.length === 0 || names.has(airflowService)
      ? containerSteps(pipelines).map(({ run }) => stepImageKey(run.from))
      : [];
  const ofRunner = needsRunner(stack) && ofSteps.length > 0 ? [runnerService] : [];
  return new Set([...[...names].map((name) => keys.get(name) ?? name), ...ofSteps, ...ofRunner]);
}
