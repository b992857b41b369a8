import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ensureImage, observeImages } from "../../src/docker/images.ts";
import { pullImage, type PullOutcome } from "../../src/docker/pull.ts";
import type { Event } from "../../src/report/event.ts";
import type { ImageSettings } from "../../src/stack/settings.ts";
import { openEngine } from "../support/engine.ts";
import { startRegistry } from "../support/fake-registry.ts";

const engine = await openEngine();
const docker = await engine.client();
const { signal } = new AbortController();
const settings: ImageSettings = { prefix: undefined, pull: "missing", build: "auto" };
const wish = { what: "kafka", version: "3.9.2", section: "kafka" } as const;
const noLogin = { DOCKER_CONFIG: "/nonexistent" };

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

test("an image of a registry must be pulled once, then found", async () => {
  await using registry = await startRegistry();
  const named = `${registry.host}/good/image:1`;
  onTestFinished(() => removeImage(named));
  const events: Event[] = [];
  const options = {
    engine,
    settings,
    signal,
    env: noLogin,
    wish: { ...wish, named },
    emit: (event: Event) => void events.push(event),
  };
  expect(await observeImages(options)).toEqual([{ ref: named, origin: "named", image: undefined }]);
  const pulled = await ensureImage(options);
  expect(pulled.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(events.map((event) => (event.type === "step" ? event.state : event.type))).toContain(
    "done",
  );
  events.length = 0;
  expect(await ensureImage(options)).toEqual(pulled);
  expect(events).toEqual([]);
});

test("a registry's no must be told, and nothing be built", async () => {
  await using registry = await startRegistry();
  const ref = `${registry.host}/own/kafka:1`;
  expect(await pull(ref)).toMatchObject({ kind: "absent" });
  const events: Event[] = [];
  const promise = ensureImage({
    engine,
    settings,
    signal,
    env: noLogin,
    wish: { ...wish, named: ref },
    emit: (event) => void events.push(event),
  });
  await expect(promise).rejects.toMatchObject({
    code: "image-missing",
    message: `no image ${ref}`,
    why: expect.stringContaining("manifest unknown") as string,
  });
  expect(
    events.map((event) => (event.type === "step" ? `${event.action} ${event.state}` : event.type)),
  ).toEqual(["pull start", "pull failed"]);
});

test("a registry that nobody answers for must count as unreachable", async () => {
  const gone = await startRegistry();
  await gone[Symbol.asyncDispose]();
  expect(await pull(`${gone.host}/good/image:1`)).toMatchObject({
    kind: "unreachable",
    why: expect.stringContaining("connection refused") as string,
  });
});

test("a layer that arrives broken must be a failure, though the pull had begun", async () => {
  await using registry = await startRegistry();
  expect(await pull(`${registry.host}/broken/image:1`)).toMatchObject({ kind: "failed" });
});

test("the credentials of docker login must be used", async () => {
  await using registry = await startRegistry("ann:secret:with:colons");
  const ref = `${registry.host}/good/image:1`;
  expect(await pull(ref)).toMatchObject({ kind: "absent" });
  const folder = await mkdtemp(join(tmpdir(), "dp-login-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const auth = Buffer.from("ann:secret:with:colons").toString("base64");
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({ auths: { [registry.host]: { auth } } }),
  );
  expect(await pull(ref, { DOCKER_CONFIG: folder })).toEqual({ kind: "pulled" });
});

test("a credential helper must be asked", async () => {
  await using registry = await startRegistry("ann:secret");
  const ref = `${registry.host}/good/image:1`;
  const folder = await mkdtemp(join(tmpdir(), "dp-helper-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const helper = `#!/bin/sh\nread -r server || true\n[ "$server" = "${registry.host}" ] && echo '{"Username":"ann","Secret":"secret"}'\n`;
  await writeFile(join(folder, "docker-credential-dp-test"), helper, { mode: 0o755 });
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({ credHelpers: { [registry.host]: "dp-test" } }),
  );
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"]}` };
  expect(await pull(ref, env)).toEqual({ kind: "pulled" });
});

test("an aborted pull must end at once with the signal's reason", async () => {
  await using registry = await startRegistry();
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
