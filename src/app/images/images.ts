import type { Engine } from "../../docker/engine/connect.ts";
import {
  chooseImage,
  type ImageCandidate,
  type NamedWish,
  type VersionWish,
} from "../../docker/images/image-choice.ts";
import { buildImage, ensureImage, observeImages } from "../../docker/images/images.ts";
import type { Environment } from "../../docker/images/host-settings.ts";
import {
  ensureServiceBuild,
  findServiceBuild,
  removeServiceBuilds,
  type BuiltService,
} from "../../docker/images/service-build.ts";
import type { Emit } from "../../model/events.ts";
import { runImageWork } from "./image-work.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import { airflowService, brokerService, zookeeperService } from "../../stack/names.ts";
import { expandServices } from "../../stack/select.ts";
import type { ImageSettings, Stack, StoreSettings } from "../../model/settings.ts";
import { kafkaImageKey } from "../../stack/settle.ts";

/** Kafka's version when a stack has ZooKeeper only: the last line that carries ZooKeeper. */
const zookeeperVersion = "3.9.2";

/** An image that a stack needs. */
export type ImageNeed = {
  /** What it is for: `kafka` (ZooKeeper shares it), else the service. */
  readonly key: string;
} & (
  | { readonly kind: "recipe"; readonly wish: VersionWish }
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
          wishFor(airflowService, {
            what: "airflow",
            version: airflow.version,
            named: airflow.image,
            section: "airflow",
          }),
        ]
      : []),
    ...services.map(({ name, source }): ImageNeed => {
      if (source.kind === "build") {
        const service = { project, service: name, folder: source.folder };
        return { key: name, kind: "build", service };
      }
      const wish = { what: "named", named: source.ref, section: `services.${name}` } as const;
      return { key: name, kind: "named", wish };
    }),
  ];
}

function wishFor(key: string, wish: VersionWish): ImageNeed {
  return { key, kind: "recipe", wish };
}

function kafkaWish({ kafka }: Stack): VersionWish {
  const version = kafka?.version ?? zookeeperVersion;
  return { what: "kafka", version, named: kafka?.image, section: "kafka" };
}

function storeWish({ name, type, version, image }: StoreSettings): VersionWish {
  return { what: type, version, named: image, section: `stores.${name}` };
}

export interface ImagesInput {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly env: Environment;
}

/**
 * The stack's images by key: present, else pulled, else built. `update` looks for newer ones first. With
 * words of the command line only the images of the services that they mean are got; the others are as
 * the engine has them.
 */
export async function ensureStackImages(
  input: ImagesInput & { readonly update: boolean; readonly words: readonly string[] },
): Promise<ReadonlyMap<string, ResolvedImage>> {
  const { stack, update, words } = input;
  const settings: ImageSettings = update ? { ...stack.images, pull: "always" } : stack.images;
  const wanted = imageKeys(stack, words);
  const works = imageNeeds(stack).map((need) => async (signal: AbortSignal) => {
    const image = wanted.has(need.key)
      ? await ensureNeed(need, { ...input, settings, signal })
      : toPlanned(await findNeed(need, input));
    return [need.key, image] as const;
  });
  return new Map(await runImageWork(works, input.signal));
}

/**
 * The keys of the images of the services that words mean, and of those that these start after; of all
 * without words.
 */
export function imageKeys(stack: Stack, words: readonly string[]): ReadonlySet<string> {
  const { zookeeper, kafka, airflow, stores, services } = stack;
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
  return new Set([...names].map((name) => keys.get(name) ?? name));
}

function ensureNeed(
  need: ImageNeed,
  options: Omit<ImagesInput, "stack"> & { readonly settings: ImageSettings },
): Promise<ResolvedImage> {
  switch (need.kind) {
    case "recipe":
    case "named":
      return ensureImage({ ...options, wish: need.wish });
    case "build":
      return ensureServiceBuild({ ...options, service: need.service, when: "changed" });
  }
}

/** Builds what of the stack dp builds, whatever is there already. */
export function buildStackImages(input: ImagesInput): Promise<ResolvedImage[]> {
  const { stack } = input;
  const works = imageNeeds(stack)
    .filter((need) => need.kind !== "named")
    .map((need) => (signal: AbortSignal) => {
      const options = { ...input, settings: stack.images, signal };
      return need.kind === "build"
        ? ensureServiceBuild({ ...options, service: need.service, when: "always" })
        : buildImage({ ...options, wish: { ...need.wish, named: undefined } });
    });
  return runImageWork(works, input.signal);
}

/** Removes what earlier runs built for the stack's services, and no container uses. */
export async function removeOldBuilds(
  engine: Engine,
  {
    project,
    images,
    signal,
  }: {
    readonly project: string;
    /** Those that stay. */
    readonly images: ReadonlyMap<string, ResolvedImage>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const keep = new Set([...images.values()].map(({ ref }) => ref));
  await removeServiceBuilds({ engine, project, keep, signal });
}

export interface FoundImage {
  readonly key: string;
  readonly found: ResolvedImage | undefined;
  /** The name of what `dp up` would get or build. */
  readonly expected: string;
}

export interface FindQuery {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly signal: AbortSignal;
}

/** What the engine has for a stack, without getting anything: for a plan. */
export function findStackImages(query: FindQuery): Promise<FoundImage[]> {
  return Promise.all(imageNeeds(query.stack).map((need) => findNeed(need, query)));
}

/** An image for a plan; one that is not there yet has no id. */
export function toPlanned({ found, expected }: FoundImage): ResolvedImage {
  return found ?? { ref: expected, id: "" };
}

async function findNeed(need: ImageNeed, query: FindQuery): Promise<FoundImage> {
  const { candidates, used } = await candidatesFor(need, query);
  return { key: need.key, found: used, expected: used?.ref ?? candidates[0]?.ref ?? need.key };
}

export interface ImageCandidates {
  readonly key: string;
  /** Best first. */
  readonly candidates: readonly (Pick<ImageCandidate, "ref" | "image" | "layer"> & {
    readonly origin: ImageCandidate["origin"] | "service";
  })[];
  /** The one that `dp up` takes as things are; undefined when it gets or builds one. */
  readonly used: ResolvedImage | undefined;
}

/** What would do for each image of a stack, best first, and what the engine has of it. */
export function stackCandidates(query: FindQuery): Promise<ImageCandidates[]> {
  return Promise.all(imageNeeds(query.stack).map((need) => candidatesFor(need, query)));
}

async function candidatesFor(need: ImageNeed, query: FindQuery): Promise<ImageCandidates> {
  const { engine, stack, signal } = query;
  const { key } = need;
  if (need.kind === "build") {
    const { tag, image } = await findServiceBuild({ engine, service: need.service, signal });
    const used = image && { ref: tag, id: image.id };
    return { key, candidates: [{ ref: tag, origin: "service", image }], used };
  }
  const settings = { ...stack.images, pull: "missing" } as const;
  const candidates = await observeImages({ engine, wish: need.wish, settings, signal });
  const decision = chooseImage(candidates, settings);
  const used = decision.action === "use" ? { ref: decision.ref, id: decision.id } : undefined;
  return { key, candidates, used };
}
