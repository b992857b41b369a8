import { rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import { afterAll, beforeEach, expect, test } from "vitest";
import { builtImage } from "../support/built-image.ts";
import { containersOf, createVolumeLike, engineClient, identitiesOf } from "../support/docker.ts";
import { pauseContainer } from "../support/pause.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { shortKraftSession } from "../support/short-sessions.ts";

const yaml = `kafka: { config: { ${shortKraftSession} } }\n`;
const project: Project = await createProject(yaml);
/** The containers that the last `up` of a test left. */
let known: Record<string, string> | undefined;

beforeEach(async () => {
  await project.configure(yaml);
  if (isDeepStrictEqual(await identitiesOf(project.name), known)) return;
  await project.succeed(["up", "--quiet"]);
  known = await identitiesOf(project.name);
});

afterAll(() => project[Symbol.asyncDispose]());

test("two stacks must run side by side, and down -v of one must leave nothing of it and all of the other", async () => {
  const before = await identitiesOf(project.name);
  await using other = await createProject(yaml);
  await other.succeed(["up"]);
  await other.succeed(["topic", "create", "theirs"]);
  expect((await project.succeed(["topic", "list"])).stdout).not.toContain("theirs");
  const down = await other.succeed(["down", "-v", "--json"]);
  expect(JSON.parse(down.stdout)).toMatchObject({ volumes: [`${other.name}-kafka-1-data`] });
  expect(await other.snapshot()).toEqual({
    containers: [],
    networks: [],
    volumes: [],
    locks: [],
    processes: [],
  });
  expect(await identitiesOf(project.name)).toEqual(before);
});

test("the same name from another living file must be refused with both paths: exit 1", async () => {
  const before = await identitiesOf(project.name);
  await using other = await createProject(yaml);
  await other.write("pipeline.yaml", `name: ${project.name}\n${yaml}`);
  for (const args of [["up"], ["plan"], ["down", "-v"], ["topic", "list"]]) {
    const result = await other.dp([...args, "--json"]);
    expect(result.code).toBe(1);
    const failure = failureOf(result);
    expect(failure.code).toBe("stack-elsewhere");
    expect(failure.why).toContain(project.file);
    expect(failure.why).toContain(other.file);
  }
  expect(await identitiesOf(project.name)).toEqual(before);
});

test("a pipeline.yaml that is reached through a link is the same stack", async () => {
  const link = `${project.folder}-link`;
  await symlink(project.folder, link);
  const file = join(link, "pipeline.yaml");
  const plan = await project.succeed(["plan", "--exit-code", "--file", file, "--json"]);
  expect(JSON.parse(plan.stdout)).toMatchObject({ changes: [] });
  expect((await project.succeed(["status", "--file", file])).stdout).toContain("kafka-1");
  expect((await project.succeed(["status"], { cwd: link })).stdout).toContain("kafka-1");
  await unlink(link);
});

test("a stack whose file is gone must be adopted, with a note", async () => {
  const before = await identitiesOf(project.name);
  await using other = await createProject(yaml);
  await other.write("pipeline.yaml", `name: ${project.name}\n${yaml}`);
  await rm(project.file);
  const result = await other.succeed(["up", "--json"]);
  expect(result.stdout).toContain(`its file ${project.file} no longer exists`);
  expect(await identitiesOf(project.name)).toEqual(before);
});

test("down must work without the file, by the folder and by --project, and up bring topics and records back", async () => {
  const names = { containers: [], networks: [], locks: [], processes: [] };
  await project.succeed(["topic", "create", "kept"]);
  await project.succeed(["topic", "produce", "kept"], { input: "one\n" });
  await rm(project.file);
  await project.succeed(["down"]);
  expect(await project.snapshot()).toMatchObject(names);
  await project.configure(yaml);
  await project.succeed(["up"]);
  const tail = ["topic", "tail", "kept", "-o", "start", "-e"];
  expect((await project.succeed(tail)).stdout).toContain("one");
  await rm(project.file);
  await project.succeed(["down", "--yes", "--project", project.name], { cwd: "/" });
  expect(await project.snapshot()).toMatchObject(names);
});

test("down without file, folder or --project must ask for one: exit 2", async () => {
  const before = await identitiesOf(project.name);
  const result = await project.dp(["down", "--json"], { cwd: "/" });
  expect(result.code).toBe(2);
  expect(failureOf(result).code).toBe("no-file");
  expect(await identitiesOf(project.name)).toEqual(before);
});

test("a stopped stack whose network was removed by hand must come back with its data", async () => {
  await project.succeed(["topic", "create", "kept", "--if-not-exists"]);
  const client = await engineClient();
  await client.getContainer(`${project.name}-kafka-1`).kill();
  await client.getNetwork(project.name).remove();
  await project.succeed(["up"]);
  expect((await project.succeed(["topic", "list"])).stdout).toContain("kept");
  expect((await project.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("a paused broker must go on, the same container", async () => {
  const before = await identitiesOf(project.name);
  await pauseContainer(`${project.name}-kafka-1`);
  await project.succeed(["up"]);
  expect(await identitiesOf(project.name)).toEqual(before);
});

test("a replacement that was cut short by SIGKILL must be healed by the next up", async () => {
  const clean = await project.snapshot();
  const changed = yaml.replace(shortKraftSession, `${shortKraftSession}, num.io.threads: 3`);
  for (const [cut, wish] of [
    ["upload:kafka-1", changed],
    ["ready:kafka", yaml],
  ] as const) {
    await project.configure(wish);
    const up = project.start(["up", "--recreate", "kafka", "--json"]);
    await up.event(({ id, state }) => id === cut && state === "start");
    up.kill("SIGKILL");
    expect((await up.done).signal).toBe("SIGKILL");
    expect((await project.snapshot()).containers).toEqual([
      `${project.name}-kafka-1`,
      `${project.name}-kafka-1-replaced`,
    ]);
    await project.succeed(["up"]);
    expect(await project.snapshot()).toEqual(clean);
    expect((await project.dp(["plan", "--exit-code"])).code).toBe(0);
  }
});

test("a container made by hand with a wanted name must be an error that names it, and stay: exit 1", async () => {
  await using other = await createProject(yaml);
  const name = `${other.name}-kafka-1`;
  const client = await engineClient();
  const [running] = await containersOf(project.name);
  const made = await client.createContainer({ name, Image: running?.imageId ?? "" });
  try {
    const before = await other.snapshot();
    const result = await other.dp(["up", "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result)).toMatchObject({ code: "name-taken" });
    expect(failureOf(result).message).toContain(name);
    await other.succeed(["down", "-v"]);
    expect(await other.snapshot()).toEqual(before);
  } finally {
    await made.remove({ force: true, v: true });
  }
});

test("data of another Kafka version must be refused, and nothing made: exit 1", async () => {
  await using other = await createProject(yaml);
  await other.succeed(["down"]);
  const client = await engineClient();
  const mine = await client.getVolume(`${project.name}-kafka-1-data`).inspect();
  const parts = JSON.parse(mine.Labels["dp.parts"] ?? "{}") as Record<string, string>;
  expect(parts["trait.version"]).toBeTruthy();
  await createVolumeLike(
    { project: project.name, service: "kafka-1" },
    {
      project: other.name,
      labels: {
        "dp.file": other.file,
        "dp.parts": JSON.stringify({ ...parts, "trait.version": "another" }),
      },
    },
  );
  const before = await other.snapshot();
  const result = await other.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "refused" });
  expect(failureOf(result).why).toContain("another Kafka version");
  expect(await other.snapshot()).toEqual(before);
});

test("logs, health and env of a stack that is not there must say dp up: exit 1", async () => {
  await using other = await createProject(yaml);
  for (const command of ["logs", "health", "env"]) {
    const result = await other.dp([command, "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result)).toMatchObject({ code: "not-running", next: "dp up" });
  }
});

test.concurrent("a stack that is not ready in time must be undone: exit 1", async () => {
  await using other = await createProject(yaml);
  const before = await other.snapshot();
  const result = await other.dp(["up", "--timeout", "100ms", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "not-ready",
    message: "kafka is not ready after 0.1 s",
    next: "it may only need more time: dp up --timeout 300s; with --keep it stays, to be looked at",
  });
  // On a busy machine no check of the broker may have ended by then.
  expect(failureOf(result).why).toMatch(/kafka-1|^kafka did not respond$/);
  expect(await other.snapshot()).toEqual(before);
});

test.concurrent("a broker whose volume is full must be told so with what frees space, and be undone: exit 1", async () => {
  await using other = await createProject(yaml);
  await createVolumeLike(
    { project: project.name, service: "kafka-1" },
    {
      project: other.name,
      labels: { "dp.file": other.file },
      options: { type: "tmpfs", device: "tmpfs", o: "size=4k,uid=1000,gid=1000" },
    },
  );
  const before = await other.snapshot();
  const result = await other.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    message: "kafka-1 exited with code 1",
    why: expect.stringContaining("No space left on device"),
    next: expect.stringContaining("docker system df"),
  });
  expect(await other.snapshot()).toEqual(before);
});

test.concurrent("--keep must leave a failed stack to be looked at, and the next up must mend it", async () => {
  await using other = await createProject("kafka: { config: { log.retention.hours: banana } }\n");
  const result = await other.dp(["up", "--keep", "--json"]);
  expect(result.code).toBe(1);
  const [kept] = await containersOf(other.name);
  expect(kept).toMatchObject({ service: "kafka-1", state: "exited" });
  expect((await other.succeed(["logs", "kafka"])).stdout).toContain("banana");
  // What a SIGKILL between the first two files of a node leaves of them.
  const { ref } = await builtImage({ what: "kafka", version: "4.3.1" });
  const volume = ["run", "--rm", "--volume", `${other.name}-kafka-1-data:/data`, ref];
  await execa("docker", [
    ...volume,
    "sh",
    "-c",
    "rm -rf /data/* && touch /data/bootstrap.checkpoint",
  ]);
  await other.configure(yaml);
  await other.succeed(["up"]);
  expect((await other.snapshot()).containers).toEqual([`${other.name}-kafka-1`]);
});

test.concurrent("a broker that the engine kills at its memory limit must be told as out of memory: exit 1", async () => {
  await using other = await createProject("kafka: { heap: 100m, mem_limit: 110m }\n");
  const result = await other.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "exited",
    message: "kafka-1 was killed: out of memory (limit 110m)",
  });
  expect(failureOf(result).next).toContain("raise kafka.mem_limit");
});
