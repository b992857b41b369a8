import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { runBuild } from "../../src/docker/images/build.ts";
import { readProxyArgs } from "../../src/docker/images/host-settings.ts";
import { ensureImage, observeImages } from "../../src/docker/images/images.ts";
import { imageLabels, removeServiceBuilds } from "../../src/docker/images/service-build.ts";
import { findImages } from "../../src/docker/images/present.ts";
import { buildStandIn } from "../../src/docker/images/stand-in.ts";
import type { Event } from "../../src/model/events.ts";
import type { ImageSettings } from "../../src/model/settings.ts";
import { openEngine } from "../support/engine.ts";

const engine = await openEngine();
const docker = await engine.client();
const { signal } = new AbortController();
const settings: ImageSettings = { prefix: undefined, pull: "missing", build: "auto" };
const wish = { what: "kafka", version: "3.9.2", named: undefined, section: "kafka" } as const;
const kafka = await ensureImage({
  engine,
  wish,
  settings,
  signal,
  env: process.env,
  emit: () => undefined,
});

/** A build on top of the Kafka image: the one base that is present wherever these tests run. */
async function build(options: {
  readonly lines: readonly string[];
  readonly emit?: (event: Event) => void;
  readonly signal?: AbortSignal;
  readonly buildArgs?: Record<string, string>;
}): Promise<string> {
  const tag = `dp-test:${Date.now()}-${Math.random().toString(16).slice(2)}`;
  const dockerfile = [`FROM ${kafka.ref}`, ...options.lines, ""].join("\n");
  onTestFinished(async () => {
    if ((await findImages({ engine, refs: [tag], signal })).has(tag)) {
      await docker.getImage(tag).remove({ force: true });
    }
  });
  await runBuild({
    docker,
    tag,
    files: [{ path: "Dockerfile", content: dockerfile }],
    buildArgs: options.buildArgs ?? {},
    emit: options.emit ?? (() => undefined),
    signal: options.signal ?? signal,
  });
  return tag;
}

test("a present image must be found without a client library, in one request", async () => {
  const requests: string[] = [];
  const [first] = await observeImages({
    engine: {
      find: (path, abort) => {
        requests.push(path);
        return engine.find(path, abort);
      },
    },
    wish: { ...wish, named: kafka.ref },
    settings,
    signal,
  });
  expect(first?.image?.id).toBe(kafka.id);
  expect(first?.image?.sizeBytes).toBeGreaterThan(100_000_000);
  expect(requests.length).toBe(1);
});

test("a build must tell its steps and its output, and end under its name", async () => {
  const events: Event[] = [];
  const lines = [`RUN echo made ${Date.now()}`];
  const tag = await build({ lines, emit: (event) => void events.push(event) });
  const stepsOf = (all: readonly Event[]): string[] =>
    all.flatMap((event) => (event.type === "progress" ? `${event.current}/${event.total}` : []));
  expect(stepsOf(events)).toEqual(["2/2"]);
  const again: Event[] = [];
  await build({ lines, emit: (event) => void again.push(event) });
  expect(stepsOf(again)).toEqual([]);
  expect(events.some((event) => event.type === "log" && /^made \d+$/.test(event.line))).toBe(true);
  expect((await findImages({ engine, refs: [tag], signal })).has(tag)).toBe(true);
});

test("a failing build must name its step and show that step's last lines only", async () => {
  const failing = `RUN seq 1 100 && echo the reason ${Date.now()} && exit 3`;
  await expect(build({ lines: ["RUN echo earlier", failing] })).rejects.toMatchObject({
    code: "build-failed",
    message: expect.stringMatching(
      /^building dp-test:\S+ failed at step 3 of 3: RUN seq 1 100/,
    ) as string,
    why: expect.stringContaining("returned a non-zero code: 3") as string,
    evidence: [
      ...Array.from({ length: 29 }, (_, index) => String(72 + index)),
      expect.stringMatching(/^the reason \d+$/) as string,
    ],
  });
});

test("a recipe that the engine can't read must be told in the engine's words", async () => {
  await expect(build({ lines: ["NOSUCH instruction"] })).rejects.toMatchObject({
    code: "build-failed",
    why: expect.stringMatching(/unknown instruction: NOSUCH/i) as string,
  });
});

test("the host's proxies must reach a step", async () => {
  const buildArgs = readProxyArgs({ HTTP_PROXY: "http://one:1", no_proxy: "two", PATH: "/bin" });
  expect(buildArgs).toEqual({ HTTP_PROXY: "http://one:1", no_proxy: "two" });
  const lines = [`RUN : ${Date.now()}; test "$HTTP_PROXY $no_proxy" = "http://one:1 two"`];
  await build({ lines, buildArgs });
});

test("an aborted build must end on the engine too", async () => {
  const marker = `marker-${Date.now()}`;
  const aborter = new AbortController();
  const reason = new Error("stop");
  const running = build({
    lines: [`RUN echo ${marker} && sleep 300`],
    signal: aborter.signal,
    emit: (event) => {
      if (event.type === "log" && event.line === marker) aborter.abort(reason);
    },
  });
  await expect(running).rejects.toBe(reason);
  const isRunning = async (): Promise<boolean> => {
    const containers = await docker.listContainers({ all: true });
    return containers.some(({ Command }) => Command.includes(marker));
  };
  for (let tries = 0; tries < 100 && (await isRunning()); tries += 1) await delay(100);
  expect(await isRunning()).toBe(false);
});

test("aborting while the stand-in for a base is made must leave no file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dp-abort-"));
  await chmod(folder, 0o755);
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  const aborter = new AbortController();
  const reason = new Error("stop");
  const running = buildStandIn({
    docker,
    signal: aborter.signal,
    emit: (event) => {
      if (event.type === "progress" && event.text.startsWith("running apt-get")) {
        aborter.abort(reason);
      }
    },
  });
  await expect(running).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual([]);
});

test("all names of one image are removed at once, while others are removed too", async () => {
  const project = `names-${Date.now().toString(36)}`;
  const labels = Object.entries(imageLabels({ project, service: "api" }));
  const lines = labels.map(([name, value]) => `LABEL ${name}="${value}"`);
  for (let round = 0; round < 3; round += 1) {
    const tag = await build({ lines });
    const names = Array.from({ length: 8 }, (_, index) => `dp-${project}-${index}:1`);
    for (const name of names) {
      const [repo = "", version = ""] = name.split(":");
      await docker.getImage(tag).tag({ repo, tag: version });
    }
    const removal = { engine, project, keep: new Set<string>(), signal };
    // The image of an earlier build, whose name another one has now.
    const earlier = await build({ lines: [...lines, `RUN echo ${round}`] });
    const { Id: id } = await docker.getImage(earlier).inspect();
    await docker.getImage(tag).tag({ repo: "dp-test", tag: earlier.slice("dp-test:".length) });
    const removed = await Promise.all([removeServiceBuilds(removal), removeServiceBuilds(removal)]);
    expect([...new Set(removed.flat())].toSorted()).toEqual(
      [...names, tag, earlier, id].toSorted(),
    );
  }
});
