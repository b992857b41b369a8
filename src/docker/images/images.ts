import type { Emit } from "../../model/events.ts";
import type { ResolvedImage } from "../../model/containers.ts";
import type { ImageSettings } from "../../model/settings.ts";
import { ensureBase } from "./base-image.ts";
import { runBuild } from "./build.ts";
import type { Engine } from "../engine/connect.ts";
import { readHostCa, readProxyArgs, type Environment } from "./host-settings.ts";
import {
  afterPull,
  chooseImage,
  imageCandidates,
  missingImage,
  type ImageCandidate,
  type ImageDecision,
  type ImageOrigin,
  type ImageWish,
} from "./image-choice.ts";
import { noteForeignImage } from "./platform.ts";
import { findImages } from "./present.ts";
import { pullImage } from "./pull.ts";
import { buildableVersions, readLayer, readRecipe, type Recipe } from "./recipes.ts";
import { runStep } from "../engine/step.ts";

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
 * What would satisfy the wish, best first, each with what the engine has of it. The engine is asked
 * once for each name (and once for what dp puts on an image), a registry never.
 */
export async function observeImages(query: ImageQuery): Promise<readonly ImageCandidate[]> {
  const { engine, wish, settings, signal } = query;
  const origins = imageCandidates({ wish, settings, recipeTag: recipeOf(wish)?.tag });
  const refs = origins.map(({ ref }) => ref);
  const present = await findImages({ engine, refs, signal });
  return Promise.all(
    origins.map(async (origin) => {
      const image = present.get(origin.ref);
      const layer = image && (await observeLayer({ query, origin, baseId: image.id }));
      return { ...origin, image, layer };
    }),
  );
}

/** What dp puts on an image that it has not built. */
async function observeLayer(call: {
  readonly query: ImageQuery;
  readonly origin: ImageOrigin;
  readonly baseId: string;
}): Promise<ImageCandidate["layer"]> {
  const { query, origin, baseId } = call;
  const { wish } = query;
  if (origin.origin === "build" || wish.what === "named") return undefined;
  const recipe = readLayer(wish, baseId);
  if (!recipe) return undefined;
  const present = await findImages({ ...query, refs: [recipe.tag] });
  return { recipe, image: present.get(recipe.tag) };
}

/**
 * An image for the wish: present, else pulled, else built where no registry can be reached; with
 * dp's layer on an image of Airflow that dp has not built. Calls for different images may run at the
 * same time, but where a base has yet to be made each would make it.
 * Throws DpError `image-missing` or `build-failed`.
 */
export async function ensureImage(options: ImageOptions): Promise<ResolvedImage> {
  const { settings, emit, engine } = options;
  const candidates = await observeImages(options);
  const decision = chooseImage(candidates, settings);
  if (decision.action !== "pull") {
    return carryOut({ decision, candidates, options, offline: false });
  }
  const { ref } = decision;
  const docker = await engine.client();
  const outcome = await runStep({
    emit,
    action: "pull",
    target: ref,
    work: () => pullImage({ ...options, docker, ref }),
    succeeded: ({ kind }) => kind === "pulled",
  });
  const offline = outcome.kind === "unreachable";
  const found = outcome.kind === "pulled" ? await observeImages(options) : candidates;
  const next = afterPull({ outcome, ref, candidates: found, settings });
  if (offline && next.action !== "fail") {
    emit({ type: "note", level: "info", text: `no registry can be reached: ${outcome.why}` });
  }
  return carryOut({ decision: next, candidates: found, options, offline });
}

/**
 * Builds the image of a wish from its recipe, whatever is there already; the engine's cache makes a
 * repeat quick. Where the engine has an image that dp only adds to, that addition is built.
 * Throws DpError `image-missing` for a version without a recipe, or `build-failed`.
 */
export async function buildImage(options: ImageOptions): Promise<ResolvedImage> {
  const candidates = await observeImages(options);
  const base = candidates.find(({ layer }) => layer !== undefined);
  if (base?.layer) {
    return buildRecipe({ options, recipe: base.layer.recipe, base: base.ref });
  }
  return buildOnDebian(options, { offline: false });
}

async function carryOut(call: {
  readonly decision: Exclude<ImageDecision, { readonly action: "pull" }>;
  readonly candidates: readonly ImageCandidate[];
  readonly options: ImageOptions;
  readonly offline: boolean;
}): Promise<ResolvedImage> {
  const { decision, candidates, options, offline } = call;
  const { wish } = options;
  switch (decision.action) {
    case "use":
      await noteForeign(decision.ref, candidates, options);
      return { ref: decision.ref, id: decision.id };
    case "build":
      return buildOnDebian(options, { offline });
    case "layer":
      return buildRecipe({ options, recipe: decision.recipe, base: decision.ref });
    case "fail":
      throw missingImage({ ...decision, wish, versions: versionsOf(wish) });
  }
}

/** What dp has built is for the engine's machine. */
async function noteForeign(
  ref: string,
  candidates: readonly ImageCandidate[],
  options: ImageOptions,
): Promise<void> {
  const used = candidates.find(
    (candidate) => candidate.ref === ref && candidate.origin !== "build",
  );
  if (used?.image) await noteForeignImage({ ...options, ref, image: used.image });
}

async function buildOnDebian(
  options: ImageOptions,
  { offline }: { readonly offline: boolean },
): Promise<ResolvedImage> {
  const { wish } = options;
  const recipe = recipeOf(wish);
  if (!recipe) {
    const why = "dp has no recipe for this version";
    const ref = wish.named ?? "";
    throw missingImage({ wish, ref, why, versions: versionsOf(wish) });
  }
  return buildRecipe({ options, recipe, base: await ensureBase({ ...options, offline }) });
}

async function buildRecipe(call: {
  readonly options: ImageOptions;
  readonly recipe: Recipe;
  /** The name of an image that the engine has. */
  readonly base: string;
}): Promise<ResolvedImage> {
  const { options, recipe, base } = call;
  const { engine, emit, signal, env } = options;
  const { tag } = recipe;
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
  const { Id: id } = await engine.get<{ readonly Id: string }>(`/images/${tag}/json`, signal);
  return { ref: tag, id };
}

/** Undefined for an image that is known by its name alone, and for a version that can't be built. */
function recipeOf(wish: ImageWish): Recipe | undefined {
  return wish.what === "named" ? undefined : readRecipe(wish);
}

function versionsOf(wish: ImageWish): readonly string[] {
  return wish.what === "named" ? [] : buildableVersions(wish.what);
}
