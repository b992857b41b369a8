import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createArchive } from "../../src/docker/exec/archive.ts";
import { ensureImage, observeImages } from "../../src/docker/images/images.ts";
import { pullImage, type PullOutcome } from "../../src/docker/images/pull.ts";
import type { Event } from "../../src/model/events.ts";
import type { ImageSettings } from "../../src/model/settings.ts";
import { openEngine } from "../support/engine.ts";
import { startBrokenRegistry } from "../support/fake-registry.ts";
import { registryLogin, startRegistry, type Registry } from "../support/registry.ts";
import { unusedPort } from "../support/unused-port.ts";

const engine = await openEngine();
const docker = await engine.client();
const { signal } = new AbortController();
const settings: ImageSettings = { prefix: undefined, pull: "missing", build: "auto" };
const wish = { what: "kafka", version: "3.9.2", section: "kafka", named: undefined } as const;
const noLogin = { DOCKER_CONFIG: "/nonexistent" };

let registry: Registry;
let closed: Registry;

beforeAll(async () => {
  [registry, closed] = await Promise.all([startRegistry(), startRegistry("login")]);
  await closed.push("own/image", ["1"]);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

function pull(ref: string, env: Record<string, string> = noLogin): Promise<PullOutcome> {
  onTestFinished(() => removeImage(ref));
  return pullImage({ docker, ref, env, emit: () => undefined, signal });
}

async function removeImage(ref: string): Promise<void> {
  await docker.getImage(ref).remove({ force: true }).catch(ignoreMissing);
}

function ignoreMissing(thrown: { readonly statusCode?: number }): void {
  if (thrown.statusCode !== 404) throw thrown;
}

function optionsFor(named: string | undefined, events: Event[] = []) {
  const emit = (event: Event): void => void events.push(event);
  return { engine, settings, signal, env: noLogin, wish: { ...wish, named }, emit };
}

const steps = (events: readonly Event[]): string[] =>
  events.map((event) => (event.type === "step" ? `${event.action} ${event.state}` : event.type));

test("an image of a registry must be pulled once with its bytes told, then found", async () => {
  await registry.push("good/image", ["1"]);
  const named = `${registry.host}/good/image:1`;
  onTestFinished(() => removeImage(named));
  const events: Event[] = [];
  const options = optionsFor(named, events);
  expect(await observeImages(options)).toEqual([{ ref: named, origin: "named", image: undefined }]);
  const pulled = await ensureImage(options);
  expect(pulled.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(steps(events)).toContain("pull done");
  const told = events.find((event) => event.type === "progress");
  expect(told).toMatchObject({ target: named, total: expect.any(Number) as number });
  events.length = 0;
  expect(await ensureImage(options)).toEqual(pulled);
  expect(events).toEqual([]);
});

test("an official image must come from the mirror that images.prefix names", async () => {
  await registry.push("hub/apache/kafka", ["3.9.2"]);
  const ref = `${registry.host}/hub/apache/kafka:3.9.2`;
  onTestFinished(() => removeImage(ref));
  const mirrored: ImageSettings = { ...settings, prefix: `${registry.host}/hub`, pull: "always" };
  const image = await ensureImage({ ...optionsFor(undefined), settings: mirrored });
  expect(image.ref).toBe(ref);
});

test("a wrong tag must be told with those that the registry has, and nothing be built", async () => {
  await registry.push("own/kafka", ["3.9.1", "3.9.2", "4.0.0"]);
  const ref = `${registry.host}/own/kafka:3.9.3`;
  const events: Event[] = [];
  await expect(ensureImage(optionsFor(ref, events))).rejects.toMatchObject({
    code: "image-missing",
    message: `no image ${ref}`,
    why: expect.stringMatching(
      /manifest unknown: no tag 3\.9\.3; it has 3\.9\.2, 4\.0\.0, 3\.9\.1$/,
    ) as string,
  });
  expect(steps(events)).toEqual(["pull start", "pull failed"]);
});

test("a mirror's no must not be answered by a build", async () => {
  const mirrored: ImageSettings = { ...settings, prefix: `${registry.host}/none`, pull: "always" };
  const events: Event[] = [];
  const options = { ...optionsFor(undefined, events), settings: mirrored };
  await expect(ensureImage(options)).rejects.toMatchObject({ code: "image-missing" });
  expect(steps(events)).toEqual(["pull start", "pull failed"]);
});

test("a registry that nobody answers for must count as unreachable", async () => {
  expect(await pull(`127.0.0.1:${await unusedPort()}/good/image:1`)).toMatchObject({
    kind: "unreachable",
    why: expect.stringContaining("connection refused") as string,
  });
});

test("a layer that arrives broken must be a failure, though the pull had begun", async () => {
  await using broken = await startBrokenRegistry();
  expect(await pull(broken.ref)).toMatchObject({ kind: "failed" });
});

/** A folder for DOCKER_CONFIG. */
async function createConfig(config: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dp-login-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

test("the credentials of docker login must be used, for the tags of an image, too", async () => {
  const ref = `${closed.host}/own/image:1`;
  expect(await pull(ref)).toMatchObject({ kind: "absent" });
  const { user, password } = registryLogin;
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  const env = { DOCKER_CONFIG: await createConfig({ auths: { [closed.host]: { auth } } }) };
  expect(await pull(ref, env)).toEqual({ kind: "pulled" });
  expect(await pull(`${closed.host}/own/image:2`, env)).toMatchObject({
    kind: "absent",
    why: expect.stringMatching(/no tag 2; it has 1$/) as string,
  });
});

test("a credential helper must be asked", async () => {
  const ref = `${closed.host}/own/image:1`;
  const folder = await createConfig({ credHelpers: { [closed.host]: "dp-test" } });
  const { user: Username, password: Secret } = registryLogin;
  const answer = JSON.stringify({ Username, Secret });
  const helper = `#!/bin/sh\nread -r server || true\n[ "$server" = "${closed.host}" ] && echo '${answer}'\n`;
  await writeFile(join(folder, "docker-credential-dp-test"), helper, { mode: 0o755 });
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"]}` };
  expect(await pull(ref, env)).toEqual({ kind: "pulled" });
});

test("an aborted pull must end at once with the signal's reason", async () => {
  const reason = new Error("stop");
  const promise = pullImage({
    docker,
    ref: `${registry.host}/good/image:1`,
    env: noLogin,
    emit: () => undefined,
    signal: AbortSignal.abort(reason),
  });
  await expect(promise).rejects.toBe(reason);
});

test("an image for another machine must be told before it is used", async () => {
  const ref = "dp-test-foreign:1";
  await loadImage(ref, "s390x");
  onTestFinished(() => removeImage(ref));
  const events: Event[] = [];
  await ensureImage(optionsFor(ref, events));
  expect(events).toMatchObject([
    { type: "note", level: "warning", text: expect.stringContaining("linux/s390x") as string },
  ]);
});

/** Gives the engine an image as `docker load` takes it: it need not be for the engine's machine. */
async function loadImage(ref: string, architecture: string): Promise<void> {
  const layer = await createArchive({ entries: [{ path: "hello", content: "hello\n" }] });
  const digest = createHash("sha256").update(layer).digest("hex");
  const rootfs = { type: "layers", diff_ids: [`sha256:${digest}`] };
  const config = { architecture, os: "linux", config: {}, rootfs };
  const manifest = [{ Config: "config.json", RepoTags: [ref], Layers: ["layer.tar"] }];
  const files = await createArchive({
    entries: [
      { path: "layer.tar", content: layer },
      { path: "config.json", content: JSON.stringify(config) },
      { path: "manifest.json", content: JSON.stringify(manifest) },
    ],
  });
  const loaded = await docker.loadImage(Readable.from([files]), { quiet: true });
  for await (const _ of loaded) continue;
}
