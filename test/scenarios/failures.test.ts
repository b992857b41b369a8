import { createServer, type Server } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { execa } from "execa";
import { containersOf, engineClient, hostPortOf } from "../support/docker.ts";
import { loadForeignImage } from "../support/foreign-image.ts";
import { createProject } from "../support/project.ts";
import { dpCommand, dpEnvironment, failureOf, type DpEvent } from "../support/run-dp.ts";
import { shellImage, shellService } from "../support/shell-service.ts";
import { until } from "../support/until.ts";
import { unusedPort } from "../support/unused-port.ts";

let image: string;

beforeAll(async () => {
  image = await shellImage();
});

const service = (lines: string, keys?: string): string =>
  shellService({ image, lines, ...(keys === undefined ? {} : { keys }) });

const began = (id: string) => (event: DpEvent) => event.id === id && event.state === "start";
const ended = (id: string) => (event: DpEvent) => event.id === id && event.state === "done";

/** `late` is created with its port at once, and starts when the file go/now is there. */
function gated(port: string): string {
  const first = service("true", `volumes: ["./go:/go:ro"], ready: { exec: [test, -e, /go/now] }`);
  const late = service(
    "true",
    `ports: ["${port}"], depends_on: { first: { condition: service_healthy } }`,
  );
  return `services:\n  first: ${first}\n  late: ${late}\n`;
}

/** Takes a port as another program would. */
async function take(port: number): Promise<Server & AsyncDisposable> {
  const server = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => void (await new Promise((done) => server.close(done))),
  });
}

test.concurrent("a free port that is taken between choice and start must be replaced by another", async () => {
  await using project = await createProject("");
  await project.write("go/README", "");
  await project.configure(gated("7000"));
  const up = project.start(["up", "--json"]);
  await up.event(ended("create:late"));
  const chosen = await hostPortOf(project.name, "late");
  await using _other = await take(chosen);
  await project.write("go/now", "");
  const result = await up.done;
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toContain("looking again");
  const port = await hostPortOf(project.name, "late");
  expect([0, chosen]).not.toContain(port);
});

test.concurrent("a fixed port that is taken between check and start must be told with its owner, and leave nothing: exit 1", async () => {
  const port = await unusedPort();
  await using project = await createProject("");
  await project.write("go/README", "");
  await project.configure(gated(`${port}:7000`));
  const before = await project.snapshot();
  const up = project.start(["up", "--json"], { env: { DP_PORTS: undefined } });
  await up.event(ended("create:late"));
  await using _other = await take(port);
  await project.write("go/now", "");
  const result = await up.done;
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "port-taken",
    message: `port ${port} is taken`,
  });
  expect(failureOf(result).why).toContain(`(pid ${process.pid})`);
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("a service that is killed at its limit must be told so, at up and later: exit 1, 10", async () => {
  const eat = `perl -e 'my $x = "x" x 200_000_000; sleep 600'`;
  const limit = "mem_limit: 32m";
  await using project = await createProject(`services:\n  api: ${service(`exec ${eat}`, limit)}\n`);
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "exited",
    message: "api was killed: out of memory (limit 32m)",
    next: "raise services.api.mem_limit in pipeline.yaml (it is 32m), then dp up",
  });
  expect(await project.snapshot()).toEqual(before);

  const later = "trap 'exec perl -e \"my \\$x = q(x) x 200_000_000; sleep 600\"' USR1; echo began";
  await project.configure(
    `services:\n  api: ${service(later, `${limit}, ready: { log: began }`)}\n`,
  );
  await project.succeed(["up"]);
  await execa("docker", ["kill", "--signal", "USR1", `${project.name}-api`]);
  await until(async () => (await containersOf(project.name))[0]?.state === "exited");
  const health = await project.dp(["health", "--json"]);
  expect(health.code).toBe(10);
  expect(health.stdout).toContain("was killed: out of memory (limit 32m)");
  expect(health.stdout).toContain("raise services.api.mem_limit");
  expect((await project.dp(["plan"])).stdout).toContain("out of memory (limit 32m)");
  await project.succeed(["up"]);
});

test.concurrent("an image for another processor must be warned of before it starts, and its end be explained: exit 1", async () => {
  await using project = await createProject("");
  const foreign = `${project.name}:arm64`;
  await using _image = await loadForeignImage(foreign);
  await project.configure(`services: { api: { image: "${foreign}" } }\n`);
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  const warning = result.stdout.indexOf(`${foreign} is for linux/arm64`);
  expect(warning).toBeGreaterThan(0);
  expect(warning).toBeLessThan(result.stdout.indexOf('"start:api"'));
  expect(failureOf(result)).toMatchObject({
    message: expect.stringMatching(/^api exited with code \d+$/),
    why: expect.stringContaining("exec format error"),
    next: "use an image that is built for the engine's platform (docker version names it)",
  });
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("what a killed up left must go with down -v, and its lock count as free", async () => {
  await using project = await createProject(
    `services:\n  api: ${service("true", `volumes: ["kept:/kept"]`)}\n`,
  );
  const before = await project.snapshot();
  const up = project.start(["up", "--json"]);
  await up.event(began("ready:api"));
  up.kill("SIGKILL");
  await up.done;
  const left = await project.snapshot();
  expect(left).toMatchObject({ containers: [`${project.name}-api`], networks: [project.name] });
  expect(left.locks).toHaveLength(1);
  const { stdout } = await project.succeed(["ls", "--json"]);
  expect(stdout).toContain(`"name": "${project.name}"`);
  const client = await engineClient();
  const { Mounts: mounts } = await client.getContainer(`${project.name}-api`).inspect();
  const volumes = mounts.map(({ Name: name = "" }) => client.getVolume(name));
  // One of the file's, and a nameless one that the image asks for.
  expect(volumes).toHaveLength(2);
  await project.succeed(["down", "-v"]);
  expect(await project.snapshot()).toEqual(before);
  for (const volume of volumes) {
    await expect(volume.inspect()).rejects.toMatchObject({ statusCode: 404 });
  }
});

test.concurrent("a terminal that closes must end up like SIGTERM, with all undone", async () => {
  await using project = await createProject(
    `services:\n  api: ${service("true", "ready: { log: never }")}\n`,
  );
  const before = await project.snapshot();
  // The program `script` gives it a terminal, which goes with it.
  const line = [...dpCommand, "up"].join(" ");
  const terminal = execa("script", ["--quiet", "--command", line, "/dev/null"], {
    cwd: project.folder,
    env: dpEnvironment(),
    extendEnv: false,
    reject: false,
  });
  await until(async () => (await containersOf(project.name))[0]?.state === "running");
  terminal.kill("SIGKILL");
  await terminal;
  await until(async () => (await project.snapshot()).processes.length === 0, 20_000);
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("SIGHUP must undo like SIGTERM: exit 143", async () => {
  await using project = await createProject(
    `services:\n  api: ${service("true", "ready: { log: never }")}\n`,
  );
  const before = await project.snapshot();
  const up = project.start(["up", "--json"]);
  await up.event(began("ready:api"));
  up.kill("SIGHUP");
  // Shell and kernel both tell the programs of a terminal that closes.
  up.kill("SIGHUP");
  expect((await up.done).code).toBe(143);
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("Ctrl-C while an image is built must leave no container and no image: exit 130", async () => {
  await using project = await createProject("services: { slow: { build: slow } }\n");
  const marker = `sleep 61.${process.pid}`;
  await project.write("slow/Dockerfile", `FROM ${image}\nRUN ${marker}\n`);
  const before = await project.snapshot();
  const up = project.start(["up", "--json"]);
  await up.event(({ type, text }) => type === "progress" && text === `RUN ${marker}`);
  up.kill("SIGINT");
  const result = await up.done;
  expect(result.code).toBe(130);
  expect(failureOf(result).code).toBe("interrupted");
  expect(await project.snapshot()).toEqual(before);
  const client = await engineClient();
  await until(async () => {
    const containers = await client.listContainers({ all: true });
    return !containers.some(({ Command: command }) => command.includes(marker));
  });
  const reference = [`dp-${project.name}-*`];
  expect(await client.listImages({ filters: JSON.stringify({ reference }) })).toEqual([]);
});

test.concurrent("Ctrl-C must end down at once, and the next one finish it: exit 130", async () => {
  const text = JSON.stringify("trap 'touch /told/now' TERM; while :; do sleep 0.1; done");
  const keys = `volumes: ["./told:/told"], user: "0", stop_grace_period: 60s`;
  await using project = await createProject(
    `services:\n  api: { image: "${image}", command: [/bin/sh, -c, ${text}], ${keys} }\n`,
  );
  await project.write("told/README", "");
  const before = await project.snapshot();
  await project.succeed(["up"]);
  const down = project.start(["down", "--json"]);
  await until(() =>
    project.read("told/now").then(
      () => true,
      () => false,
    ),
  );
  down.kill("SIGINT");
  const interrupted = await down.done;
  expect(interrupted.code).toBe(130);
  expect(failureOf(interrupted)).toMatchObject({
    code: "interrupted",
    why: `left of ${project.name}: ${project.name}-api, ${project.name}; the engine ends what it was asked for`,
    next: `dp down --project ${project.name} goes on`,
  });
  await project.succeed(["down", "-v"]);
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("a container of somebody else's in the network must be named by down, which removes all else: exit 1", async () => {
  await using project = await createProject(
    `services:\n  api: ${service("true", `volumes: ["kept:/kept"]`)}\n`,
  );
  const before = await project.snapshot();
  await project.succeed(["up"]);
  const client = await engineClient();
  const guest = await client.createContainer({
    name: `guest-of-${project.name}`,
    Image: image,
    Cmd: ["sleep", "600"],
    HostConfig: { NetworkMode: project.name },
  });
  try {
    await guest.start();
    const result = await project.dp(["down", "-v", "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result).message).toContain(`guest-of-${project.name} is attached to it`);
    expect(failureOf(result).next).toContain(`docker network disconnect ${project.name} guest-of`);
    expect(await project.snapshot()).toMatchObject({
      containers: [`guest-of-${project.name}`],
      volumes: [],
    });
  } finally {
    await guest.remove({ force: true, v: true });
  }
  await project.succeed(["down", "-v"]);
  expect(await project.snapshot()).toEqual(before);
});
