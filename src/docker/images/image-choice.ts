import { DpError } from "../../errors.ts";
import type { ImageSettings } from "../../model/settings.ts";
import { mendOf } from "../engine/engine-error.ts";
import type { PresentImage } from "./present.ts";
import type { PullOutcome } from "./pull.ts";
import { imageSources } from "./recipe-table.ts";
import type { ImageVersion, Recipe } from "./recipes.ts";
import { applyPrefix } from "./reference.ts";

/** An image that a stack needs: a version of what dp knows, or one that is known by its name alone. */
export type ImageWish = VersionWish | NamedWish;

export interface NamedWish {
  readonly what: "named";
  readonly named: string;
  /** Where the file has `image`, e.g. `services.api`. */
  readonly section: string;
}

export interface VersionWish extends ImageVersion {
  /** The image that the file names, if it does. */
  readonly named: string | undefined;
  /** Where the file has `version` and `image`, e.g. `kafka` or `stores.orders`; undefined for an
   * image that no file chooses. */
  readonly section: string | undefined;
}

export interface ImageOrigin {
  readonly ref: string;
  /** `named` by the file · the `official` one, maybe from a mirror · a local `build`. */
  readonly origin: "named" | "official" | "build";
}

/** A name that would satisfy a wish, and the image that the engine has under it. */
export interface ImageCandidate extends ImageOrigin {
  readonly image: PresentImage | undefined;
  /** What dp puts on that image and runs in its place; undefined for one that runs as it is, and as
   * long as there is no image. */
  readonly layer?: ImageLayer | undefined;
}

interface ImageLayer {
  readonly recipe: Recipe;
  readonly image: PresentImage | undefined;
}

export type ImageDecision =
  | { readonly action: "use"; readonly ref: string; readonly id: string }
  | { readonly action: "pull"; readonly ref: string }
  | { readonly action: "build" }
  /** Build the layer on the image `ref`. */
  | { readonly action: "layer"; readonly ref: string; readonly recipe: Recipe }
  | { readonly action: "fail"; readonly ref: string; readonly why: string };

/**
 * The names that would satisfy a wish, best first. An image that the file names has no substitute;
 * `build: always` leaves only the local build. `recipeTag` is the local build's name, undefined for
 * a version that can't be built.
 */
export function imageCandidates(options: {
  readonly wish: ImageWish;
  readonly settings: ImageSettings;
  readonly recipeTag: string | undefined;
}): readonly ImageOrigin[] {
  const { wish, settings, recipeTag } = options;
  if (wish.what === "named") return [{ ref: wish.named, origin: "named" }];
  if (wish.named !== undefined) return [{ ref: wish.named, origin: "named" }];
  const build: ImageOrigin[] = recipeTag === undefined ? [] : [{ ref: recipeTag, origin: "build" }];
  const name = imageSources[wish.what].officialName?.(wish.version);
  if (name === undefined || (settings.build === "always" && build.length > 0)) return build;
  return [{ ref: applyPrefix(name, settings.prefix), origin: "official" }, ...build];
}

/** What to do first: the best image that is present, else a pull, else a build. */
export function chooseImage(
  candidates: readonly ImageCandidate[],
  settings: ImageSettings,
): ImageDecision {
  const pullable = settings.pull === "never" ? undefined : candidates.find(isPullable);
  if (pullable && settings.pull === "always") return { action: "pull", ref: pullable.ref };
  const present = usePresent(candidates, settings);
  if (present) return present;
  if (pullable) return { action: "pull", ref: pullable.ref };
  if (canBuild(candidates, settings)) return { action: "build" };
  const ref = candidates[0]?.ref ?? "";
  return { action: "fail", ref, why: describeRefusal(candidates, settings) };
}

/**
 * What to do after a pull. After one that failed: use what is there or build, but only where no
 * registry could be asked. A registry's answer stands. `candidates` are those after the pull.
 */
export function afterPull(options: {
  readonly outcome: PullOutcome;
  readonly ref: string;
  readonly candidates: readonly ImageCandidate[];
  readonly settings: ImageSettings;
}): Exclude<ImageDecision, { readonly action: "pull" }> {
  const { outcome, ref, candidates, settings } = options;
  const refusal = describeRefusal(candidates, settings);
  switch (outcome.kind) {
    case "pulled": {
      const pulled = candidates.filter((candidate) => candidate.ref === ref);
      return usePresent(pulled, settings) ?? { action: "fail", ref, why: refusal };
    }
    case "absent":
    case "failed":
      return { action: "fail", ref, why: outcome.why };
    case "unreachable": {
      const present = usePresent(candidates, settings);
      if (present) return present;
      if (canBuild(candidates, settings)) return { action: "build" };
      const why = `no registry can be reached (${outcome.why}), and ${refusal}`;
      return { action: "fail", ref, why };
    }
  }
}

function isPullable({ origin }: ImageCandidate): boolean {
  return origin !== "build";
}

/** The best image that is there, or the layer on it; an image whose layer may not be built is none. */
function usePresent(
  candidates: readonly ImageCandidate[],
  settings: ImageSettings,
): Extract<ImageDecision, { readonly action: "use" | "layer" }> | undefined {
  for (const { ref, image, layer } of candidates) {
    if (!image) continue;
    if (!layer) return { action: "use", ref, id: image.id };
    const { recipe } = layer;
    if (layer.image) return { action: "use", ref: recipe.tag, id: layer.image.id };
    if (settings.build !== "never") return { action: "layer", ref, recipe };
  }
  return undefined;
}

function canBuild(candidates: readonly ImageCandidate[], settings: ImageSettings): boolean {
  return settings.build !== "never" && candidates.some(({ origin }) => origin === "build");
}

/** Why nothing can be built (nor pulled, where the settings forbid that). */
function describeRefusal(candidates: readonly ImageCandidate[], settings: ImageSettings): string {
  const noPull = settings.pull === "never" ? "images.pull is never, and " : "";
  return `${noPull}${describeNoBuild(candidates, settings)}`;
}

function describeNoBuild(candidates: readonly ImageCandidate[], settings: ImageSettings): string {
  const unfinished = candidates.find(({ image, layer }) => image && layer);
  if (unfinished && settings.build === "never") {
    return `images.build is never, so nothing can be put on ${unfinished.ref}`;
  }
  if (candidates[0]?.origin === "named") return "an image that the file names is never built";
  return settings.build === "never" ? "images.build is never" : "dp has no recipe for this version";
}

/** The failure that a user gets to read; `versions` are those that can be built. */
export function missingImage(options: {
  readonly wish: ImageWish;
  readonly ref: string;
  readonly why: string;
  readonly versions: readonly string[];
}): DpError {
  const { wish, ref, why, versions } = options;
  return new DpError({
    code: "image-missing",
    message:
      wish.what === "named" || wish.named !== undefined
        ? `no image ${ref}`
        : `no image for ${imageSources[wish.what].label} ${wish.version}`,
    why: ref === "" || why.startsWith("no registry") ? why : `${ref}: ${why}`,
    next: mendOf([why]) ?? adviseImage(wish, versions),
  });
}

function adviseImage(wish: ImageWish, versions: readonly string[]): string | undefined {
  const { named, section } = wish;
  if (named !== undefined && section !== undefined) {
    return `correct ${section}.image, or give the engine that image: docker pull, docker load`;
  }
  const buildable = wish.what !== "named" && versions.includes(wish.version);
  if (section === undefined) return buildable ? "let images.build give one" : undefined;
  const own = `${section}.image to an image that the engine has`;
  return buildable
    ? `let images.pull or images.build give one, or set ${own}`
    : `set ${section}.version to one that can be built (${versions.join(" and ")}), or ${own}`;
}
