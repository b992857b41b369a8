import { expect, test } from "vitest";
import {
  afterPull,
  chooseImage,
  imageCandidates,
  missingImage,
  type ImageCandidate,
  type ImageWish,
} from "../../../src/docker/images/image-choice.ts";
import type { PresentImage } from "../../../src/docker/images/present.ts";
import { classifyPull } from "../../../src/docker/images/pull.ts";
import { buildableVersions } from "../../../src/docker/images/recipes.ts";
import type { ImageSettings } from "../../../src/model/settings.ts";

const defaults: ImageSettings = { prefix: undefined, pull: "missing", build: "auto" };
const wish = { what: "kafka", version: "3.9.2", named: undefined, section: "kafka" } as const;
const recipeTag = "dp-kafka:3.9.2-00000000";
const official = "apache/kafka:3.9.2";

/** The candidates of a wish, with an image under each of the names that are present. */
function candidates(options: {
  readonly settings?: ImageSettings;
  readonly named?: string;
  readonly recipeTag?: string | undefined;
  readonly present?: readonly string[];
}): ImageCandidate[] {
  const { settings = defaults, named, present = [] } = options;
  const tag = "recipeTag" in options ? options.recipeTag : recipeTag;
  return imageCandidates({ wish: { ...wish, named }, settings, recipeTag: tag }).map(
    (candidate) => ({
      ...candidate,
      image: present.includes(candidate.ref)
        ? { id: `id of ${candidate.ref}`, sizeBytes: 1 }
        : undefined,
    }),
  );
}

const layerRecipe = { tag: "dp-airflow:3.3.2-11111111", files: [], buildArgs: {} };
const airflow: ImageWish = {
  what: "airflow",
  version: "3.3.2",
  named: undefined,
  section: "airflow",
};
const officialAirflow = "apache/airflow:3.3.2-python3.11";
const standInAirflow = "dp-airflow:3.3.2-22222222";

/** The candidates for Airflow, where the official image needs a layer. */
function airflowCandidates(present: readonly string[], settings = defaults): ImageCandidate[] {
  const imageOf = (ref: string): PresentImage | undefined =>
    present.includes(ref) ? { id: `id of ${ref}`, sizeBytes: 1 } : undefined;
  return imageCandidates({ wish: airflow, settings, recipeTag: standInAirflow }).map(
    ({ ref, origin }) => {
      const image = imageOf(ref);
      const layered = image !== undefined && origin !== "build";
      const layer = layered ? { recipe: layerRecipe, image: imageOf(layerRecipe.tag) } : undefined;
      return { ref, origin, image, layer };
    },
  );
}

const refs = (list: readonly { readonly ref: string }[]): string[] => list.map(({ ref }) => ref);

test("the official image must come before the local build", () => {
  expect(refs(candidates({}))).toEqual([official, recipeTag]);
});

test("the prefix must stand before the official image only", () => {
  const settings = { ...defaults, prefix: "mirror.example" };
  expect(refs(candidates({ settings }))).toEqual([`mirror.example/${official}`, recipeTag]);
  expect(refs(candidates({ settings, named: "own/kafka:1" }))).toEqual(["own/kafka:1"]);
});

test("an image that the file names must have no substitute", () => {
  expect(refs(candidates({ named: "own/kafka:1" }))).toEqual(["own/kafka:1"]);
});

test("build: always must leave only the local build", () => {
  const settings: ImageSettings = { ...defaults, build: "always" };
  const list = candidates({ settings, present: [official] });
  expect(chooseImage(list, settings)).toEqual({ action: "build" });
  expect(chooseImage(candidates({ settings, present: [recipeTag] }), settings)).toMatchObject({
    action: "use",
    ref: recipeTag,
  });
});

test("a present image must be used without a pull", () => {
  const list = candidates({ present: [recipeTag] });
  expect(chooseImage(list, defaults)).toMatchObject({ action: "use", ref: recipeTag });
  const both = candidates({ present: [official, recipeTag] });
  expect(chooseImage(both, defaults)).toMatchObject({ action: "use", ref: official });
});

test("with nothing present the official image must be pulled", () => {
  expect(chooseImage(candidates({}), defaults)).toEqual({ action: "pull", ref: official });
});

test("pull: always must pull what is present", () => {
  const settings: ImageSettings = { ...defaults, pull: "always" };
  const list = candidates({ settings, present: [official] });
  expect(chooseImage(list, settings)).toEqual({ action: "pull", ref: official });
});

test("pull: never must build, and never pull", () => {
  const settings: ImageSettings = { ...defaults, pull: "never" };
  expect(chooseImage(candidates({ settings }), settings)).toEqual({ action: "build" });
  expect(chooseImage(candidates({ settings, named: "own:1" }), settings)).toMatchObject({
    action: "fail",
    why: "images.pull is never, and an image that the file names is never built",
  });
});

test("pull: never with build: never must fail and name both", () => {
  const settings: ImageSettings = { ...defaults, pull: "never", build: "never" };
  expect(chooseImage(candidates({ settings }), settings)).toMatchObject({
    action: "fail",
    why: "images.pull is never, and images.build is never",
  });
});

const unreachable = { kind: "unreachable", why: "dial tcp: lookup x: no such host" } as const;

test("only an unreachable registry may lead to a build", () => {
  const common = { ref: official, candidates: candidates({}), settings: defaults };
  expect(afterPull({ ...common, outcome: unreachable })).toEqual({ action: "build" });
  for (const kind of ["absent", "failed"] as const) {
    const outcome = { kind, why: "manifest unknown" };
    expect(afterPull({ ...common, outcome })).toMatchObject({
      action: "fail",
      why: "manifest unknown",
    });
  }
});

test("build: never must not build where no registry is reached", () => {
  const settings: ImageSettings = { ...defaults, build: "never" };
  const decision = afterPull({
    outcome: unreachable,
    ref: official,
    candidates: candidates({ settings }),
    settings,
  });
  expect(decision).toMatchObject({ action: "fail" });
});

test("pull: always must fall back to what is present", () => {
  const settings: ImageSettings = { ...defaults, pull: "always" };
  const list = candidates({ settings, present: [official] });
  const decision = afterPull({ outcome: unreachable, ref: official, candidates: list, settings });
  expect(decision).toMatchObject({ action: "use", ref: official });
});

test("a version without a recipe must be told which versions have one", () => {
  const list = candidates({ recipeTag: undefined });
  const decision = afterPull({
    outcome: unreachable,
    ref: official,
    candidates: list,
    settings: defaults,
  });
  if (decision.action !== "fail") throw new Error("nothing can be built here");
  const error = missingImage({
    ...decision,
    wish: { ...wish, version: "3.8.0" },
    versions: ["3.9.2", "4.3.1"],
  });
  expect(error.code).toBe("image-missing");
  expect(error.message).toBe("no image for Kafka 3.8.0");
  expect(error.why).toContain("no such host");
  expect(error.next).toContain("3.9.2 and 4.3.1");
  expect(error.next).toContain("kafka.image");
});

test("an official Airflow must not run as it is, but with dp's layer", () => {
  expect(chooseImage(airflowCandidates([officialAirflow, standInAirflow]), defaults)).toEqual({
    action: "layer",
    ref: officialAirflow,
    recipe: layerRecipe,
  });
  const built = [officialAirflow, layerRecipe.tag, standInAirflow];
  expect(chooseImage(airflowCandidates(built), defaults)).toEqual({
    action: "use",
    ref: layerRecipe.tag,
    id: `id of ${layerRecipe.tag}`,
  });
});

test("without an official Airflow the local build must run as it is", () => {
  expect(chooseImage(airflowCandidates([standInAirflow]), defaults)).toMatchObject({
    action: "use",
    ref: standInAirflow,
  });
  expect(chooseImage(airflowCandidates([]), defaults)).toEqual({
    action: "pull",
    ref: officialAirflow,
  });
});

test("a pulled image must be used, or get its layer", () => {
  const pulled = { outcome: { kind: "pulled" }, settings: defaults } as const;
  expect(
    afterPull({ ...pulled, ref: official, candidates: candidates({ present: [official] }) }),
  ).toMatchObject({ action: "use", ref: official });
  expect(
    afterPull({
      ...pulled,
      ref: officialAirflow,
      candidates: airflowCandidates([officialAirflow, standInAirflow]),
    }),
  ).toMatchObject({ action: "layer", ref: officialAirflow });
});

test("build: never must not build a layer either, and say what it is missing for", () => {
  const settings: ImageSettings = { ...defaults, build: "never" };
  const list = airflowCandidates([officialAirflow], settings);
  const pulled = { outcome: { kind: "pulled" }, ref: officialAirflow } as const;
  expect(afterPull({ ...pulled, candidates: list, settings })).toEqual({
    action: "fail",
    ref: officialAirflow,
    why: `images.build is never, so nothing can be put on ${officialAirflow}`,
  });
  const both = airflowCandidates([officialAirflow, standInAirflow], settings);
  expect(chooseImage(both, settings)).toMatchObject({ action: "use", ref: standInAirflow });
});

test("an image that nobody publishes must be built without a pull", () => {
  const wish: ImageWish = {
    what: "runtime",
    version: "1",
    named: undefined,
    section: undefined,
  };
  const list = imageCandidates({ wish, settings: defaults, recipeTag: "dp-runtime:1-33333333" });
  expect(list).toEqual([{ ref: "dp-runtime:1-33333333", origin: "build" }]);
  const absent = list.map((origin) => ({ ...origin, image: undefined }));
  expect(chooseImage(absent, defaults)).toEqual({ action: "build" });
});

test.each([
  [
    "a store of another version",
    { what: "postgres", version: "16", named: undefined, section: "stores.orders" },
    "no image for Postgres 16",
    "set stores.orders.version to one that can be built (15), or stores.orders.image to an image that the engine has",
  ],
  [
    "a named Airflow",
    { what: "airflow", version: "3.3.2", named: "own/airflow:1", section: "airflow" },
    "no image own/airflow:1",
    "correct airflow.image, or give the engine that image: docker pull, docker load",
  ],
  [
    "a service",
    { what: "named", named: "own/api:1", section: "services.api" },
    "no image own/api:1",
    "correct services.api.image, or give the engine that image: docker pull, docker load",
  ],
  [
    "a version that could be built",
    { ...airflow },
    "no image for Airflow 3.3.2",
    "let images.pull or images.build give one, or set airflow.image to an image that the engine has",
  ],
  [
    "the runtime",
    { what: "runtime", version: "1", named: undefined, section: undefined },
    "no image for the runtime of pipeline steps 1",
    "let images.build give one",
  ],
] as const)("a missing image of %s must be told with its own keys", (_, wanted, message, next) => {
  const versions = wanted.what === "named" ? [] : buildableVersions(wanted.what);
  const ref = wanted.named ?? "";
  expect(missingImage({ wish: wanted, ref, why: "because", versions })).toMatchObject({
    message,
    why: ref === "" ? "because" : `${ref}: because`,
    next,
  });
});

test.each([
  [
    'Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host',
    500,
    "unreachable",
  ],
  ["Get https://registry.example/v2/: net/http: TLS handshake timeout", 500, "unreachable"],
  ["dial tcp 192.0.2.1:443: i/o timeout", 500, "unreachable"],
  ["x509: certificate signed by unknown authority", 500, "unreachable"],
  ["manifest for apache/kafka:9.9.9 not found: manifest unknown: manifest unknown", 404, "absent"],
  ["pull access denied for own/kafka, repository does not exist", 404, "absent"],
  ["toomanyrequests: You have reached your pull rate limit", 500, "failed"],
  ["write /var/lib/docker/tmp/x: no space left on device", undefined, "failed"],
])("%s (status %s) must count as %s", (message, status, kind) => {
  expect(classifyPull({ ok: false, status, message }, false).kind).toBe(kind);
});

test("a connection that breaks within a layer must not lead to a build", () => {
  const outcome = {
    ok: false,
    status: undefined,
    message: "dial tcp 192.0.2.1:443: i/o timeout",
  } as const;
  expect(classifyPull(outcome, true).kind).toBe("failed");
});
