import type { Engine } from "../../docker/engine/connect.ts";
import { chooseImage, type ImageCandidate } from "../../docker/images/image-choice.ts";
import { buildImage, ensureImage, observeImages } from "../../docker/images/images.ts";
import type { Environment } from "../../docker/images/host-settings.ts";
import { ensurePackageLayer, findPackageLayer } from "../../docker/images/package-layer.ts";
import {
  ensureServiceBuild,
  findServiceBuild,
  removeServiceBuilds,
} from "../../docker/images/service-build.ts";
import type { Emit } from "../../model/events.ts";
import { runImageWork } from "./image-work.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { ImageSettings, Stack } from "../../model/settings.ts";
import {
  builtNeeds,
  imageKeys,
  imageNeeds,
  runtimeKey,
  stepContainerNeeds,
  type ImageNeed,
} from "../../docker/images/image-needs.ts";
import { containerSteps, stepImageKey } from "../../stack/step-container.ts";

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

export async function ensureNeed(
  need: ImageNeed,
  options: Omit<ImagesInput, "stack"> & { readonly settings: ImageSettings },
): Promise<ResolvedImage> {
  switch (need.kind) {
    case "recipe": {
      const base = await ensureImage({ ...options, wish: need.wish });
      const { packages } = need;
      if (!packages) return base;
      return ensurePackageLayer({ ...options, packages, base, when: "changed" });
    }
    case "named":
      return ensureImage({ ...options, wish: need.wish });
    case "build":
      return ensureServiceBuild({ ...options, service: need.service, when: "changed" });
  }
}

/** Builds what of the stack dp builds, whatever is there already. */
export function buildStackImages(input: ImagesInput): Promise<ResolvedImage[]> {
  const { stack } = input;
  const works = builtNeeds(stack)
    .filter((need) => need.kind !== "named")
    .map((need) => async (signal: AbortSignal) => {
      const options = { ...input, settings: stack.images, signal };
      if (need.kind === "build") {
        return ensureServiceBuild({ ...options, service: need.service, when: "always" });
      }
      const built = await buildImage({ ...options, wish: { ...need.wish, named: undefined } });
      const { packages } = need;
      if (!packages) return built;
      // The layer is based on the image that `dp up` uses, which may differ from the one that dp builds.
      const base =
        need.wish.named === undefined ? built : await ensureImage({ ...options, wish: need.wish });
      return ensurePackageLayer({ ...options, packages, base, when: "always" });
    });
  return runImageWork(works, input.signal);
}

/** Removes what earlier runs built for the stack's services and packages, and no container uses. */
export async function removeOldBuilds(
  engine: Engine,
  {
    stack,
    images,
    signal,
  }: {
    readonly stack: Stack;
    /** Those that are kept. */
    readonly images: ReadonlyMap<string, ResolvedImage>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const steps = builtNeeds(stack).filter(({ key }) => key === runtimeKey);
  const ofSteps = await Promise.all(steps.map((need) => findNeed(need, { engine, stack, signal })));
  const keep = new Set([
    ...[...images.values()].map(({ ref }) => ref),
    ...ofSteps.map(({ expected }) => expected.ref),
  ]);
  await removeServiceBuilds({ engine, project: stack.name, keep, signal });
}

/** Removes the images of steps that earlier lists of packages made. */
export async function removeOldStepImages(call: {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly image: ResolvedImage;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { engine, stack, image, signal } = call;
  const keep = new Set([image.ref]);
  await removeServiceBuilds({ engine, project: stack.name, service: runtimeKey, keep, signal });
}

export interface FoundImage {
  readonly key: string;
  readonly found: ResolvedImage | undefined;
  /** What `dp up` would get or build; its id is empty where the engine does not have it. */
  readonly expected: ResolvedImage;
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
  return found ?? expected;
}

/** The names of the images of containers that run steps, by key: for a deployment. */
export function toStepImages(
  images: ReadonlyMap<string, ResolvedImage>,
  { pipelines }: Pick<Stack, "pipelines">,
): ReadonlyMap<string, string> {
  return new Map(
    containerSteps(pipelines).map(({ run }) => {
      const key = stepImageKey(run.from);
      return [key, images.get(key)?.ref ?? ""];
    }),
  );
}

/** toStepImages of what the engine has, without getting anything. */
export async function findStepImages(query: FindQuery): Promise<ReadonlyMap<string, string>> {
  const { stack } = query;
  const needs = stepContainerNeeds(stack, stack.pipelines);
  const found = await Promise.all(needs.map((need) => findNeed(need, query)));
  return toStepImages(new Map(found.map((one) => [one.key, toPlanned(one)])), stack);
}

/** toStepImages after getting or building those that `pipelines` need; the others are as the engine has them. */
export async function ensureStepImages(
  input: ImagesInput & { readonly pipelines: readonly Pipeline[] },
): Promise<ReadonlyMap<string, string>> {
  const { stack, pipelines } = input;
  const wanted = new Set(stepContainerNeeds(stack, pipelines).map(({ key }) => key));
  const works = stepContainerNeeds(stack, stack.pipelines).map(
    (need) => async (signal: AbortSignal) => {
      const image = wanted.has(need.key)
        ? await ensureNeed(need, { ...input, settings: stack.images, signal })
        : toPlanned(await findNeed(need, input));
      return [need.key, image] as const;
    },
  );
  return toStepImages(new Map(await runImageWork(works, input.signal)), stack);
}

async function findNeed(need: ImageNeed, query: FindQuery): Promise<FoundImage> {
  const { candidates, used, packagesOn } = await candidatesFor(need, query);
  const missing = { ref: candidates[0]?.ref ?? need.key, id: "" };
  const expected = used ?? (packagesOn === undefined ? missing : { ...missing, packagesOn });
  return { key: need.key, found: used, expected };
}

export interface ImageCandidates {
  readonly key: string;
  /** Best first. */
  readonly candidates: readonly (Pick<ImageCandidate, "ref" | "image" | "layer"> & {
    readonly origin: ImageCandidate["origin"] | "service" | "packages";
  })[];
  /** The one that `dp up` takes as things are; undefined when it gets or builds one. */
  readonly used: ResolvedImage | undefined;
  /** Id of the image that packages are added to. */
  readonly packagesOn?: string;
}

/** What would do for each image of a stack, best first, and what the engine has of it. */
export function stackCandidates(query: FindQuery): Promise<ImageCandidates[]> {
  return Promise.all(builtNeeds(query.stack).map((need) => candidatesFor(need, query)));
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
  const packages = need.kind === "recipe" ? need.packages : undefined;
  if (!used || !packages) return { key, candidates, used };
  const { tag, image } = await findPackageLayer({ engine, packages, base: used, signal });
  return {
    key,
    candidates: [{ ref: tag, origin: "packages", image }, ...candidates],
    used: image && { ref: tag, id: image.id, packagesOn: used.id },
    packagesOn: used.id,
  };
}
