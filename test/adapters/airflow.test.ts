import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAirflow, type AirflowClient } from "../../src/airflow/client.ts";
import { renderDag, type RenderedDag } from "../../src/airflow/dag.ts";
import { listDags } from "../../src/airflow/dags.ts";
import { followRun, type RunEvent } from "../../src/airflow/follow.ts";
import { readImportError } from "../../src/airflow/import-errors.ts";
import { findRun, listRuns, listTasks, stopRun, triggerRun } from "../../src/airflow/runs.ts";
import { hasVersion, waitForPickup } from "../../src/airflow/versions.ts";
import { templatePath } from "../../src/assets.ts";
import type { EngineClient } from "../../src/docker/engine/connect.ts";
import { deliverDags, readSent, uploadCode } from "../../src/docker/exec/code-archive.ts";
import { runInContainer } from "../../src/docker/exec/exec.ts";
import { airflowPlaces, airflowUser, codeFolderPath } from "../../src/stack/names.ts";
import type { Pipeline } from "../../src/model/pipelines.ts";
import { commandStep, pipelineOf } from "../pipeline/case.ts";
import { containersOf, engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { unusedPort } from "../support/unused-port.ts";

const { signal } = new AbortController();
const template = readFileSync(templatePath("dag.py"), "utf8");
/** Takes the place of the runtime: `<pipeline> <step>` is a shell script of the code folder. */
const runtime = `import os, sys
os.execvp("sh", ["sh", "_".join(sys.argv[2:4]) + ".sh"])
`;

let project: Project;
let client: AirflowClient;
let container: ReturnType<EngineClient["getContainer"]>;

beforeAll(async () => {
  project = await createProject("airflow:\n");
  await project.succeed(["up"]);
  const [airflow] = await containersOf(project.name);
  const port = airflow?.ports[0]?.hostPort ?? 0;
  client = openAirflow({ host: "127.0.0.1", port });
  container = (await engineClient()).getContainer(airflow?.id ?? "");
});

afterAll(async () => {
  client.close();
  await project[Symbol.asyncDispose]();
});

/** Sends a pipeline whose steps are shell scripts, and returns when Airflow has it. */
async function send(pipeline: Pipeline, scripts: Record<string, string>): Promise<RenderedDag> {
  const hash = Buffer.from(`${pipeline.name}-code`.padEnd(8, "-")).toString("hex").slice(0, 16);
  const files = Object.entries(scripts).map(([step, content]) => ({
    path: `${pipeline.name}_${step}.sh`,
    content,
  }));
  const folder = codeFolderPath(hash);
  const code = [...files, { path: ".dp/dp_runtime/__main__.py", content: runtime }];
  await uploadCode(container, { folder, files: code, owner: airflowUser }, signal);
  const dag = renderDag({ template, pipeline, codeFolder: folder });
  await deliver([{ path: dag.file, content: dag.text }]);
  const wanted = { ...dag, id: dag.pipeline };
  await waitForPickup({
    client,
    isDone: ({ dags }) => hasVersion(dags, wanted),
    what: dag.pipeline,
    signal,
  });
  return dag;
}

function deliver(write: readonly { path: string; content: string }[]): Promise<number> {
  const rest = {
    touch: [],
    remove: [],
    sent: "{}",
    current: undefined,
    keepCode: undefined,
    signal,
  };
  return deliverDags({ container, places: airflowPlaces, write, ...rest });
}

async function start(dag: string, id: string): Promise<void> {
  await triggerRun(client, { dag, id, conf: {}, now: new Date() }, signal);
}

/** Follows a run; lines and states in the order in which they were told. */
async function follow(dag: string, run: string) {
  const told: string[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "line") told.push(`${event.task}: ${event.line}`);
    if (event.type === "task") told.push(`${event.task.task} ${event.task.state}`);
  };
  const followed = await followRun({ client, dag, run, onEvent, signal });
  return { ...followed, told };
}

test("a new database starts as a copy of the one in the image, without a migration", async () => {
  const command = ["find", "/var/lib/airflow", "-maxdepth", "1", "-name", "airflow.db*"];
  const { stdout } = await runInContainer({ container, command, timeoutMs: 10_000, signal });
  const files = ["airflow.db", "airflow.db-shm", "airflow.db-wal"];
  expect(files.map((name) => `/var/lib/airflow/${name}`)).toEqual(
    expect.arrayContaining(stdout.trim().split("\n")),
  );
  const { stdout: log } = await project.succeed(["logs", "airflow"]);
  expect(log).toContain("imported Airflow");
  expect(log).not.toContain("database migrated");
});

test("a file with a path of more than 255 bytes is put into a container and read there", async () => {
  const path = `${"folder/".repeat(45)}${"n".repeat(150)}/grüße.py`;
  const folder = codeFolderPath("0123456789abcdef");
  const files = [{ path, content: "print('grüße')\n", mode: 0o755 }];
  await uploadCode(container, { folder, files, owner: airflowUser }, signal);
  const inside = `${folder}/${path}`;
  expect(await readSent(container, inside, signal)).toBe("print('grüße')\n");
  const parent = inside.slice(0, inside.lastIndexOf("/"));
  const command = ["stat", "--format=%a %u:%g %Y", inside, parent];
  const { stdout } = await runInContainer({ container, command, timeoutMs: 10_000, signal });
  expect(stdout).toBe("755 50000:0 0\n775 50000:0 0\n");
});

test("a version must count as taken only when Airflow has that very one", async () => {
  const scripts = { fetch: "echo 1", load: "echo 2" };
  const first = await send(pipelineOf({ name: "versions" }), scripts);
  const second = await send(pipelineOf({ name: "versions", description: "other" }), scripts);
  const dags = await listDags(client, signal);
  const has = ({ version, file }: RenderedDag): boolean =>
    hasVersion(dags, { id: "versions", version, file });
  expect([has(first), has(second)]).toEqual([false, true]);
  expect(dags.find(({ id }) => id === "versions")).toMatchObject({
    stale: false,
    paused: false,
    tags: expect.arrayContaining(["dp", `dp:${second.version}`]) as string[],
    nextRun: null,
  });
});

test("versions of the same size must be told apart, however fast they follow each other", async () => {
  const scripts = { fetch: "echo 1", load: "echo 2" };
  for (const description of ["a", "b", "c", "d"]) {
    const { version, file } = await send(pipelineOf({ name: "quick", description }), scripts);
    const dags = await listDags(client, signal);
    expect(hasVersion(dags, { id: "quick", version, file })).toBe(true);
  }
});

test("tries that follow each other at once must all be told, each line once and in order", async () => {
  const steps = [commandStep("a", { retries: 2, retryDelayMs: 0 })];
  await send(pipelineOf({ name: "tries", steps }), { a: "echo one $DP_TRY\necho two\nexit 1" });
  await start("tries", "dp__tries");
  const { run, tasks, told } = await follow("tries", "dp__tries");
  expect(run.state).toBe("failed");
  expect(tasks).toMatchObject([{ task: "a", state: "failed", try: 3, maxTries: 2 }]);
  const lines = told.filter((text) => text.startsWith("a: "));
  expect(lines).toEqual(["a: one 1", "a: two", "a: one 2", "a: two", "a: one 3", "a: two"]);
  expect(told.at(-1)).toBe("a failed");
});

test("values of a run must reach its steps as they are, whatever they hold", async () => {
  const steps = [commandStep("a")];
  await send(pipelineOf({ name: "env", steps }), { a: "echo $DP_PARAMS\necho [$DP_SCHEDULED]" });
  const conf = { text: `{{ ds }} "a" 'b' <c> $HOME`, count: 1 };
  await triggerRun(client, { dag: "env", id: "dp__env", conf, now: new Date() }, signal);
  const { told } = await follow("env", "dp__env");
  const line = told.find((text) => text.startsWith("a: {")) ?? "";
  expect(JSON.parse(line.slice("a: ".length))).toEqual(conf);
  expect(told).toContain("a: []");
});

test("a pipeline that is sent again while it runs must end all the same", async () => {
  const schedule = "0 0 1 1 *";
  const pipeline = pipelineOf({ name: "again", schedule });
  const scripts = { fetch: "echo begun; while [ ! -e go ]; do sleep 0.1; done", load: "echo end" };
  await send(pipeline, scripts);
  await start("again", "dp__again");
  const following = follow("again", "dp__again");
  await send({ ...pipeline, description: "sent again" }, { ...scripts, fetch: "echo other" });
  await send({ ...pipeline, description: "and again" }, scripts);
  const hash = Buffer.from("again-code").toString("hex").slice(0, 16);
  const files = [{ path: "go", content: "" }];
  const folder = codeFolderPath(hash);
  await uploadCode(container, { folder, files, owner: airflowUser }, signal);
  const { run, told } = await following;
  expect(run.state).toBe("succeeded");
  expect(told).toContain("load: end");
});

test("a run must say which run it waits for, and a stopped one end as failed", async () => {
  const steps = [commandStep("a")];
  await send(pipelineOf({ name: "queue", steps }), { a: "echo begun; sleep 60" });
  await start("queue", "dp__first");
  const first = follow("queue", "dp__first");
  await start("queue", "dp__second");
  const told = await new Promise<string>((resolve) => {
    const onEvent = (event: RunEvent): void => {
      if (event.type === "queued") resolve(event.behind.map(({ id }) => id).join());
    };
    followRun({ client, dag: "queue", run: "dp__second", onEvent, signal }).catch(() => {});
  });
  expect(told).toBe("dp__first");
  const queued = await listRuns(client, { dag: "queue", state: "queued", limit: 5 }, signal);
  expect(queued.map(({ id }) => id)).toEqual(["dp__second"]);
  await stopRun(client, { dag: "queue", id: "dp__second" }, signal);
  await stopRun(client, { dag: "queue", id: "dp__first" }, signal);
  expect((await first).run.state).toBe("failed");
});

test("a run that has ended keeps its state when it is to end", async () => {
  await send(pipelineOf({ name: "done", steps: [commandStep("a")] }), { a: "echo done" });
  const run = { dag: "done", id: "dp__done" };
  await start(run.dag, run.id);
  await follow(run.dag, run.id);
  const ended = { kind: "ended", state: "succeeded" };
  expect(await stopRun(client, run, signal)).toEqual(ended);
  // It ends right after its state was read.
  const read = await client.find<object>({ path: "/dags/done/dagRuns/dp__done", signal });
  const early: AirflowClient = {
    ...client,
    find: async <T>() => ({ ...read, state: "running" }) as T,
  };
  expect(await stopRun(early, run, signal)).toEqual(ended);
  expect((await findRun(client, run, signal))?.state).toBe("succeeded");
});

test("reads a list of more entries than Airflow gives at once", async () => {
  const steps = Array.from({ length: 101 }, (_, index) => commandStep(`s${index}`));
  await send(pipelineOf({ name: "many", steps }), {});
  // A run of a paused DAG stays queued.
  await client.call({ method: "PATCH", path: "/dags/many", body: { is_paused: true }, signal });
  await start("many", "dp__many");
  const tasks = await listTasks(client, { dag: "many", id: "dp__many" }, signal);
  const names = new Set(tasks.map(({ task }) => task));
  expect([tasks.length, names.size]).toEqual([101, 101]);
  expect(await stopRun(client, { dag: "many", id: "dp__many" }, signal)).toEqual({ kind: "asked" });
});

test("a file that can't be loaded must be told with its line", async () => {
  const at = await deliver([{ path: "broken.py", content: "from airflow.sdk import DAG\nDAG(\n" }]);
  const { errors } = await waitForPickup({
    client,
    isDone: (now) => now.errors.some((error) => error.file === "broken.py" && error.at >= at),
    what: "broken.py",
    signal,
  });
  expect(errors.map(readImportError)).toEqual([
    { file: "broken.py", line: 2, message: "SyntaxError: '(' was never closed" },
  ]);
});

test("what Airflow refuses must be told in its own words", async () => {
  await expect(start("nosuch", "dp__1")).rejects.toMatchObject({
    code: "airflow-failed",
    message: "Airflow refused POST /dags/nosuch/dagRuns",
    why: expect.stringMatching(/nosuch.* \(HTTP 404\)$/) as string,
  });
});

test("an Airflow that is not there must be told with its address, an ended wait with its reason", async () => {
  const port = await unusedPort();
  const nobody = openAirflow({ host: "127.0.0.1", port });
  await expect(listDags(nobody, signal)).rejects.toMatchObject({
    code: "airflow-failed",
    message: `Airflow does not answer on 127.0.0.1:${port}`,
  });
  const reason = new Error("ended");
  await expect(listDags(client, AbortSignal.abort(reason))).rejects.toBe(reason);
  nobody.close();
});
