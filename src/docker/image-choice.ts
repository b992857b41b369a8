import { DpError } from "../errors.ts";
import type { ImageSettings } from "../stack/model.ts";
import type { PresentImage } from "./present.ts";
import type { PullOutcome } from "./pull.ts";
import { applyPrefix } from "./reference.ts";

/** An image that a stack needs. */
export interface ImageWish {
  readonly what: "kafka";
  readonly version: string;
  /** The image that the file names, if it does. */
  readonly named: string | undefined;
}

export interface ImageOrigin {
  readonly ref: string;
  /** `named` by the file · the `official` one, maybe from a mirror · a local `build`. */
  readonly origin: "named" | "official" | "build";
}

/** A name that would satisfy a wish, and the image that the engine has under it. */
export interface ImageCandidate extends ImageOrigin {
  readonly image: PresentImage | undefined;
}

export type ImageDecision =
  | { readonly action: "use"; readonly ref: string; readonly id: string }
  | { readonly action: "pull"; readonly ref: string }
  | { readonly action: "build" }
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
  if (wish.named !== undefined) return [{ ref: wish.named, origin: "named" }];
  const official = applyPrefix(`apache/kafka:${wish.version}`, settings.prefix);
  const build: ImageOrigin[] = recipeTag === undefined ? [] : [{ ref: recipeTag, origin: "build" }];
  if (settings.build === "always" && build.length > 0) return build;
  return [{ ref: official, origin: "official" }, ...build];
}

/** What to do first: the best image that is present, else a pull, else a build. */
export function chooseImage(
  candidates: readonly ImageCandidate[],
  settings: ImageSettings,
): ImageDecision {
  const pullable = settings.pull === "never" ? undefined : candidates.find(isPullable);
  if (pullable && settings.pull === "always") return { action: "pull", ref: pullable.ref };
  const present = usePresent(candidates);
  if (present) return present;
  if (pullable) return { action: "pull", ref: pullable.ref };
  if (canBuild(candidates, settings)) return { action: "build" };
  const ref = candidates[0]?.ref ?? "";
  return { action: "fail", ref, why: describeRefusal(candidates, settings) };
}

/**
 * What to do after a pull that failed: use what is there or build, but only where no registry could
 * be asked. A registry's answer stands.
 */
export function afterPull(options: {
  readonly outcome: Exclude<PullOutcome, { readonly kind: "pulled" }>;
  readonly ref: string;
  readonly candidates: readonly ImageCandidate[];
  readonly settings: ImageSettings;
}): Exclude<ImageDecision, { readonly action: "pull" }> {
  const { outcome, ref, candidates, settings } = options;
  if (outcome.kind !== "unreachable") return { action: "fail", ref, why: outcome.why };
  const present = usePresent(candidates);
  if (present) return present;
  if (canBuild(candidates, settings)) return { action: "build" };
  const refusal = describeRefusal(candidates, settings);
  return {
    action: "fail",
    ref,
    why: `no registry can be reached (${outcome.why}), and ${refusal}`,
  };
}

function isPullable({ origin }: ImageCandidate): boolean {
  return origin !== "build";
}

function usePresent(
  candidates: readonly ImageCandidate[],
): (ImageDecision & { action: "use" }) | undefined {
  for (const { ref, image } of candidates) if (image) return { action: "use", ref, id: image.id };
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
  const buildable = versions.join(" and ");
  return new DpError({
    code: "image-missing",
    message: wish.named === undefined ? `no image for Kafka ${wish.version}` : `no image ${ref}`,
    why: why.startsWith("no registry") ? why : `${ref}: ${why}`,
    next:
      wish.named !== undefined
        ? "correct kafka.image, or give the engine that image: docker pull, docker load"
        : versions.includes(wish.version)
          ? `let images.pull or images.build give one, or set kafka.image to an image that the engine has`
          : `set kafka.version to one that can be built (${buildable}), or kafka.image to an image that the engine has`,
  });
}
