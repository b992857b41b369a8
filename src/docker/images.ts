import type { Emit } from "../report/event.ts";
import type { ImageSettings, ResolvedImage } from "../stack/model.ts";
import { ensureBase } from "./base-image.ts";
import { runBuild } from "./build.ts";
import type { Engine } from "./connect.ts";
import { readHostCa, readProxyArgs, type Environment } from "./host-settings.ts";
import {
  afterPull,
  chooseImage,
  imageCandidates,
  missingImage,
  type ImageCandidate,
  type ImageDecision,
  type ImageWish,
} from "./image-choice.ts";
import { findImages } from "./present.ts";
import { pullImage } from "./pull.ts";
import { lockedVersions, readRecipe, recipeTag } from "./recipes.ts";
import { runStep } from "./step.ts";

export interface ImageQuery {
  readonly engine: Pick<Engine, "find">;
  readonly wish: ImageWish;
  readonly settings: ImageSettings;
  readonly signal: AbortSignal;
}

export interface ImageOptions extends ImageQuery {
  readonly engine: Pick<Engine, "get" | "find" | "client">;
  readonly emit: Emit;
  /** The host's environment: proxies, certificates, docker's configuration folder. */
  readonly env: Environment;
}

/**
 * What would satisfy the wish, best first, each with what the engine has of it. One request to the
 * engine, none to a registry.
 */
export async function observeImages(query: ImageQuery): Promise<readonly ImageCandidate[]> {
  const { engine, wish, settings, signal } = query;
  const candidates = imageCandidates({ wish, settings, recipeTag: recipeTag(wish.version) });
  const refs = candidates.map(({ ref }) => ref);
  const present = await findImages({ engine, refs, signal });
  return candidates.map((candidate) => ({ ...candidate, image: present.get(candidate.ref) }));
}

/**
 * An image for the wish: present, else pulled, else built where no registry can be reached.
 * Throws DpError `image-missing` or `build-failed`.
 */
export async function ensureImage(options: ImageOptions): Promise<ResolvedImage> {
  const { settings, emit, engine } = options;
  const candidates = await observeImages(options);
  const decision = chooseImage(candidates, settings);
  if (decision.action !== "pull") return carryOut({ decision, options, offline: false });
  const { ref } = decision;
  const docker = await engine.client();
  const outcome = await runStep({
    emit,
    action: "pull",
    target: ref,
    work: () => pullImage({ ...options, docker, ref }),
    succeeded: ({ kind }) => kind === "pulled",
  });
  if (outcome.kind === "pulled") return inspectImage(options, ref);
  const next = afterPull({ outcome, ref, candidates, settings });
  if (next.action !== "fail") {
    emit({ type: "note", level: "info", text: `no registry can be reached: ${outcome.why}` });
  }
  return carryOut({ decision: next, options, offline: true });
}

/**
 * Builds the image of a wish from its recipe, whatever is there already; the engine's cache makes a
 * repeat quick. Throws DpError `image-missing` for a version without a recipe, or `build-failed`.
 */
export function buildImage(options: ImageOptions): Promise<ResolvedImage> {
  return buildRecipe(options, { offline: false });
}

async function carryOut(call: {
  readonly decision: Exclude<ImageDecision, { readonly action: "pull" }>;
  readonly options: ImageOptions;
  readonly offline: boolean;
}): Promise<ResolvedImage> {
  const { decision, options, offline } = call;
  switch (decision.action) {
    case "use":
      return { ref: decision.ref, id: decision.id };
    case "build":
      return buildRecipe(options, { offline });
    case "fail":
      throw missingImage({ ...decision, wish: options.wish, versions: lockedVersions() });
  }
}

async function buildRecipe(
  options: ImageOptions,
  { offline }: { readonly offline: boolean },
): Promise<ResolvedImage> {
  const { engine, wish, emit, signal, env } = options;
  const recipe = readRecipe(wish.version);
  if (!recipe) {
    const versions = lockedVersions();
    const why = "dp has no recipe for this version";
    throw missingImage({ wish, ref: `apache/kafka:${wish.version}`, why, versions });
  }
  const { tag } = recipe;
  const base = await ensureBase({ ...options, offline });
  const docker = await engine.client();
  const work = (): Promise<void> =>
    runBuild({
      docker,
      tag,
      files: [...recipe.files, readHostCa(env)],
      buildArgs: { ...recipe.buildArgs, ...readProxyArgs(env), BASE: base },
      emit,
      signal,
    });
  await runStep({ emit, action: "build", target: tag, work });
  return inspectImage(options, tag);
}

async function inspectImage(
  { engine, signal }: Pick<ImageOptions, "engine" | "signal">,
  ref: string,
): Promise<ResolvedImage> {
  const { Id } = await engine.get<{ readonly Id: string }>(`/images/${ref}/json`, signal);
  return { ref, id: Id };
}
