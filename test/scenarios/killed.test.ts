import { expect, test } from "vitest";
import { containersOf } from "../support/docker.ts";
import { startEngineProxy } from "../support/engine-proxy.ts";
import { callTo, killDp, upDuringLateStart, type KillAt } from "../support/killed-dp.ts";
import { createProject, type Project } from "../support/project.ts";
import { shellImage, shellService } from "../support/shell-service.ts";

const start = callTo("POST", "/start");
const stop = callTo("POST", "/stop");
/** The last call of an observation of a stack with one container. */
const inspect = ({ text }: { readonly text: string }) =>
  /^GET \/containers\/[0-9a-f]{64}\/json$/.test(text);

/** The containers and their ports, which a kill does not change. */
async function stateOf(project: Project) {
  const containers = await containersOf(project.name);
  return containers.map(({ id, name, state, ports }) => ({ id, name, state, ports }));
}

async function serviceProject(): Promise<Project> {
  const image = await shellImage();
  const api = shellService({ image, keys: 'ports: ["7000"]' });
  return createProject(`services:\n  api: ${api}\n`);
}

test.concurrent("up succeeds with unchanged ports after a stop and a killed command", async () => {
  await using project = await serviceProject();
  await using proxy = await startEngineProxy();
  await project.succeed(["up"]);
  const before = await stateOf(project);
  const snapshot = await project.snapshot();
  const rounds: readonly (readonly [command: string, at: KillAt])[] = [
    ["up", { call: start, when: "before" }],
    ["up", { call: start, when: "during" }],
    ["up", { call: start, when: "after" }],
    ["start", { call: start, when: "during" }],
    ["stop", { call: stop, when: "during" }],
  ];
  for (const [command, at] of rounds) {
    if (command !== "stop") await project.succeed(["stop"]);
    const killed = await killDp({ project, proxy }, [command], at);
    expect(killed.signal, `${command}, killed ${at.when} the call`).toBe("SIGKILL");
    await project.succeed(["up"]);
    expect(await stateOf(project)).toEqual(before);
    expect(await project.snapshot()).toEqual(snapshot);
  }
});

test.concurrent("up succeeds while the engine completes the start that a killed up asked for", async () => {
  await using project = await serviceProject();
  await using proxy = await startEngineProxy();
  await project.succeed(["up"]);
  const before = await stateOf(project);
  for (const at of [
    { call: start, when: "before" },
    { call: inspect, when: "before" },
    { call: inspect, when: "after" },
  ] as const) {
    await project.succeed(["stop"]);
    const up = await upDuringLateStart({ project, proxy }, { ...at, service: "api" });
    expect(proxy.happened).toBe(true);
    expect(up.code, up.stderr).toBe(0);
    expect(await stateOf(project)).toEqual(before);
  }
});

test.concurrent("up keeps a broker's port that the broker's own late start holds", async () => {
  await using project = await createProject("kafka:\n");
  await using proxy = await startEngineProxy();
  await project.succeed(["up"]);
  const before = await stateOf(project);
  await project.succeed(["stop"]);
  const at = { call: inspect, when: "after", service: "kafka-1" } as const;
  const up = await upDuringLateStart({ project, proxy }, at);
  expect(up.code, up.stderr).toBe(0);
  expect(await stateOf(project)).toEqual(before);
});

test.concurrent("up removes the container of a local run that was killed before its start", async () => {
  const image = await shellImage();
  await using project = await createProject(
    `services: { api: ${shellService({ image })} }\npipelines: { p: { steps: { s: { run: "true" } } } }\n`,
  );
  await using proxy = await startEngineProxy();
  await project.succeed(["up"]);
  const before = await project.snapshot();
  const run = ["pipeline", "run", "p", "--local"];
  await killDp({ project, proxy }, run, { call: start, when: "before" });
  const left = (await project.snapshot()).containers.filter((name) => name.includes("-run-"));
  expect(left).toHaveLength(1);
  const { stderr } = await project.succeed(["up"]);
  expect(stderr).toContain(`removed ${left[0]}`);
  expect(await project.snapshot()).toEqual(before);
});

test.concurrent("up completes what a killed first up began, and down what a killed down began", async () => {
  await using project = await serviceProject();
  await using proxy = await startEngineProxy();
  for (const call of [
    callTo("POST", "/networks/create"),
    callTo("POST", "/containers/create"),
    start,
  ]) {
    const killed = await killDp({ project, proxy }, ["up"], { call, when: "during" });
    expect(killed.signal).toBe("SIGKILL");
  }
  await project.succeed(["up"]);
  expect(await stateOf(project)).toMatchObject([{ state: "running" }]);
  const killed = await killDp({ project, proxy }, ["down"], { call: stop, when: "during" });
  expect(killed.signal).toBe("SIGKILL");
  await project.succeed(["down"]);
  expect(await project.snapshot()).toMatchObject({ containers: [], networks: [] });
});
