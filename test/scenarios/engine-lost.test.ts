import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatLabels } from "../../src/docker/stack/labels.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { startSecondEngine, type SecondEngine } from "../support/second-engine.ts";

/** Small enough to be filled in a moment. */
const diskSize = "48m";
const image = "shell:1";

let engine: SecondEngine;
let project: Project;

beforeAll(async () => {
  engine = await startSecondEngine(async (folder) => {
    await mkdir(join(folder, "data"));
    await execa("mount", ["-t", "tmpfs", "-o", `size=${diskSize}`, "none", join(folder, "data")]);
    return [];
  });
  await importShell(engine);
  project = await createProject(services(waits));
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

const command = `command: [/bin/sh, -c, "trap 'exit 0' TERM; echo began; sleep 600 & wait"]`;
const waits = 'ports: ["7000"], ready: { tcp: 7000 }';

function services(ready: string): string {
  return `services:\n  api: { image: "${image}", ${command}, volumes: ["kept:/kept"], ${ready} }\n`;
}

/** dp with the second engine. */
const onEngine = () => ({ env: { DOCKER_HOST: engine.host }, timeoutMs: 30_000 });

test("an engine without addresses for another network must be told with what frees some, and nothing be made: exit 1", async () => {
  const client = await (await engine.connect()).client();
  const taken: { remove(): Promise<unknown> }[] = [];
  const take = (): Promise<boolean> =>
    client.createNetwork({ Name: `taken-${taken.length}` }).then(
      (network) => taken.push(network) > 0,
      () => false,
    );
  while (await take()) continue;
  const before = await left();
  const result = await project.dp(["up", "--json"], onEngine());
  await Promise.all(taken.map((network) => network.remove()));
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    message: `can't create network ${project.name}: the engine has no addresses left for another network`,
    next: expect.stringContaining("dp down where one is not needed, docker network prune"),
  });
  expect(await left()).toEqual(before);
});

test.each([
  // It ends its containers first, and may take the last calls.
  ["SIGTERM", []],
  [
    "SIGKILL",
    [
      "could not remove container api",
      "could not remove volume NAME-api-kept",
      "could not remove network NAME",
      "dp down -v --project NAME removes it",
    ],
  ],
] as const)(
  "an engine that ends by %s in mid-up must be told at once with what is left, and the next up must work: exit 1",
  async (signal, told) => {
    await project.configure(services(waits));
    const up = project.start(["up", "--json"], onEngine());
    await up.event(({ id, state }) => id === "ready:api" && state === "start");
    await engine.stop(signal);
    const result = await up.done;
    expect(result.code).toBe(1);
    expect(failureOf(result).code).toBe("no-engine");
    expect(failureOf(result).message).toContain("lost the engine while");
    for (const text of told) {
      expect(result.stdout).toContain(text.replace("NAME", project.name));
    }
    await engine.start();
    await project.configure(services("ready: { log: began }"));
    await project.succeed(["up"], onEngine());
    await project.succeed(["down", "-v"], onEngine());
    expect(await left()).toEqual([]);
  },
);

test("an engine that is killed must end what follows logs, and up must start its containers again", async () => {
  await project.configure(services("ready: { log: began }"));
  await project.succeed(["up"], onEngine());
  const before = await left();
  const logs = project.start(["logs", "-f", "--json"], onEngine());
  await logs.output("began");
  await engine.stop("SIGKILL");
  const result = await logs.done;
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "no-engine" });

  await engine.start();
  await project.succeed(["up"], onEngine());
  expect(await left()).toEqual(before);
  expect((await project.dp(["plan", "--exit-code"], onEngine())).code).toBe(0);
  await project.succeed(["down", "-v"], onEngine());
  expect(await left()).toEqual([]);
});

test("a full disk must be told with the container that met it and what to do, and be undone: exit 1", async () => {
  // Of a megabyte; on a full disk of the engine's the container could not even log it.
  const client = await (await engine.connect()).client();
  await client.createVolume({
    Name: `${project.name}-hoard-kept`,
    Labels: formatLabels(
      { project: project.name, file: project.file, host: hostname(), profile: "", version: "" },
      { service: "hoard", kind: "service", fingerprint: "", parts: {} },
    ),
    DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
  });
  const before = await left();
  await project.configure(
    `services:\n  hoard: { image: "${image}", command: [/bin/dd, if=/dev/zero, of=/kept/all], volumes: ["kept:/kept"] }\n`,
  );
  const result = await project.dp(["up", "--json"], onEngine());
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "exited" });
  expect(failureOf(result).message).toContain("hoard");
  expect(failureOf(result).why).toContain("No space left on device");
  expect(failureOf(result).next).toContain("docker system df");
  expect(await left()).toEqual(before);
  await project.succeed(["down", "-v"], onEngine());
});

test("a full disk must be told when it ends a build: exit 1", async () => {
  await project.configure("services: { hoard: { build: hoard } }\n");
  await project.write(
    "hoard/Dockerfile",
    `FROM ${image}\nRUN ["/bin/dd", "if=/dev/zero", "of=/all"]\n`,
  );
  const result = await project.dp(["up", "--json"], onEngine());
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "build-failed" });
  expect(failureOf(result).next).toContain("docker system df");
  expect(await left()).toEqual([]);
});

/** What the engine has besides its own networks and the image. */
async function left(): Promise<string[]> {
  const client = await (await engine.connect()).client();
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    client.listContainers({ all: true }),
    client.listNetworks(),
    client.listVolumes(),
  ]);
  return [
    ...containers.map(({ Id: id, State: state }) => `${id} ${state}`),
    ...networks.map(({ Name: name }) => name).filter((name) => name.startsWith("scn-")),
    ...volumes.map(({ Name: name }) => name),
  ].toSorted();
}

/** An image of the machine's own shell and what it loads: next to nothing. */
async function importShell({ host }: SecondEngine): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "dp-shell-"));
  try {
    for (const program of ["/bin/sh", "/bin/sleep", "/bin/dd"]) {
      const { stdout } = await execa("ldd", [program]);
      for (const path of [program, ...(stdout.match(/\/\S+/g) ?? [])]) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await cp(path, join(root, path), { dereference: true });
      }
    }
    await execa("sh", ["-c", `tar -C ${root} -c . | docker -H ${host} import - ${image}`]);
  } finally {
    await rm(root, { recursive: true });
  }
}
