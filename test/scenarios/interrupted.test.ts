import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf, engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf, type DpEvent } from "../support/run-dp.ts";
import { shellImage, shellService } from "../support/shell-service.ts";
import { quickTicks, shortSession } from "../support/short-sessions.ts";
import { until } from "../support/until.ts";

/** With a volume, and ready two seconds after its start: dp has begun to wait when it is interrupted. */
const service = shellService({
  image: await shellImage(),
  lines: "sleep 2; touch /tmp/ready",
  keys: 'ready: { exec: [test, -e, /tmp/ready] }, volumes: ["kept:/kept"]',
});
const api = `services:\n  api: ${service}\n`;

/** The phases of `up` before readiness, each with the event that begins it. */
const phases = [
  ["create", "create:api", api],
  ["start", "start:api", api],
  ["wait", "ready:kafka", "kafka:\n"],
] as const;

const begins = (id: string) => (event: DpEvent) => event.id === id && event.state === "start";

test.concurrent.each(phases)(
  "Ctrl-C in the phase %s must remove what the run created, and the next up must work: exit 130",
  async (_, id, yaml) => {
    await using project = await createProject(yaml);
    const before = await project.snapshot();
    const up = project.start(["up", "--json"]);
    await up.event(begins(id));
    up.kill("SIGINT");
    const result = await up.done;
    expect(result.code).toBe(130);
    expect(failureOf(result).code).toBe("interrupted");
    expect(eventsOf(result).at(-1)).toMatchObject({ type: "result", ok: false });
    expect(await project.snapshot()).toEqual(before);
    await project.succeed(["up"]);
  },
);

test.concurrent("Ctrl-C must leave volumes that existed before, with their records: exit 130", async () => {
  await using project = await createProject("zookeeper:\nkafka:\ntopics: [orders]\n");
  await project.succeed(["up"]);
  await project.succeed(["topic", "produce", "orders"], { input: "kept\n" });
  await project.succeed(["down"]);
  const before = await project.snapshot();
  const made = await volumesOf(project);
  expect(made).toHaveLength(2);

  const up = project.start(["up", "--json"]);
  await up.event(begins("ready:kafka"));
  up.kill("SIGINT");
  expect((await up.done).code).toBe(130);
  expect(await project.snapshot()).toEqual(before);
  expect(await volumesOf(project)).toEqual(made);

  await project.succeed(["up"]);
  const { stdout } = await project.succeed(["topic", "tail", "orders", "-o", "start", "-e"]);
  expect(stdout).toContain("kept");
});

test.concurrent("Ctrl-C while a broker is replaced must bring the old one back for good: exit 130", async () => {
  const yaml = `zookeeper: ${quickTicks}\nkafka: { config: { ${shortSession} } }\n`;
  await using project = await createProject(yaml);
  await project.succeed(["up"]);
  const before = (await containersOf(project.name)).map(({ name, id, state }) => ({
    name,
    id,
    state,
  }));
  await project.configure(yaml.replace(shortSession, `${shortSession}, num.io.threads: 3`));
  const up = project.start(["up", "--json"]);
  await up.event(begins("ready:kafka"));
  await untilRegistered(`${project.name}-kafka-1`);
  up.kill("SIGINT");
  expect((await up.done).code).toBe(130);
  await project.configure(yaml);
  // Ready, and without another container: the old broker has not died of the session of the new one.
  await project.succeed(["up"]);
  const after = (await containersOf(project.name)).map(({ name, id, state }) => ({
    name,
    id,
    state,
  }));
  expect(after).toEqual(before);
  expect((await containersOf(project.name)).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
});

test.concurrent("a second Ctrl-C must end dp at once, and the next up must work: exit 130", async () => {
  await using project = await createProject("kafka:\n");
  const up = project.start(["up", "--json"]);
  const undoing = up.event(({ phase, state }) => phase === "undo" && state === "start");
  await up.event(begins("ready:kafka"));
  up.kill("SIGINT");
  await undoing;
  up.kill("SIGINT");
  const result = await up.done;
  expect(result.code).toBe(130);
  expect(
    eventsOf(result).filter(({ phase, state }) => phase === "undo" && state === "done"),
  ).toEqual([]);
  await project.succeed(["up"]);
});

test.concurrent("a container that is removed while up waits for it must be made again: exit 0", async () => {
  await using project = await createProject(api);
  await project.succeed(["up"]);
  const container = `${project.name}-api`;
  // It runs and is not ready: up has nothing to change, and waits.
  await execa("docker", ["exec", container, "rm", "/tmp/ready"]);
  const up = project.start(["up", "--json"]);
  await up.event(begins("ready:api"));
  await execa("docker", ["rm", "-f", "-v", container]);
  const result = await up.done;
  expect(result.code, result.stderr).toBe(0);
  expect(eventsOf(result).at(-1)).toMatchObject({ type: "result", ok: true });
});

test.concurrent("SIGTERM must undo like Ctrl-C: exit 143", async () => {
  await using project = await createProject(api);
  const before = await project.snapshot();
  const up = project.start(["up", "--json"]);
  await up.event(begins("start:api"));
  up.kill("SIGTERM");
  expect((await up.done).code).toBe(143);
  expect(await project.snapshot()).toEqual(before);
});

async function volumesOf({ name }: Project): Promise<string[]> {
  const { Volumes: volumes } = await (await engineClient()).listVolumes();
  return volumes
    .filter((volume) => volume.Name.startsWith(`${name}-`))
    .map((volume) => `${volume.Name} ${(volume as { CreatedAt?: string }).CreatedAt}`)
    .toSorted();
}

/** A broker in ZooKeeper mode says in its log that its ephemeral id is made. */
async function untilRegistered(container: string): Promise<void> {
  const log = (await engineClient()).getContainer(container);
  const query = { stdout: true, stderr: true, follow: false } as const;
  await until(async () => (await log.logs(query)).includes("Registered broker 1 at path"));
}
