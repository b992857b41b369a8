import { expect, test } from "vitest";
import {
  afterPull,
  chooseImage,
  imageCandidates,
  missingImage,
  type ImageCandidate,
} from "../../src/docker/image-choice.ts";
import { classifyPull } from "../../src/docker/pull.ts";
import type { ImageSettings } from "../../src/stack/model.ts";

const defaults: ImageSettings = { prefix: undefined, pull: "missing", build: "auto" };
const wish = { what: "kafka", version: "3.9.2", named: undefined } as const;
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
