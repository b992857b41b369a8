import { chmod } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunResult } from "../../src/pipeline/result.ts";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, type DpEvent, type DpResult } from "../support/run-dp.ts";
import { shellImage } from "../support/shell-service.ts";
import { until } from "../support/until.ts";

/** Prints each argument on a line of its own, between brackets. */
const printArguments = 'for each; do printf "[%s]\\n" "$each"; done';

const file = (image: string): string => `
airflow:
stores: { cache: { type: redis } }
services:
  job:
    build: job
    scale: 0
    volumes: ["./data:/data"]
    environment: { FROM_SERVICE: "{{ cache.url }}", BOTH: service }
    mem_limit: 64m
pipelines:
  report:
    params: { who: world }
    steps:
      image:
        run:
          image: "${image}"
          command: [/bin/sh, -c, '${printArguments}', sh, "hello {{ params.who }}", "{{ run_id }}"]
      service:
        run: { service: job, command: [sh, -c, 'echo "$FROM_SERVICE $BOTH $CACHE_URL"; echo wrong >&2; cat /data/in > /data/out'] }
        environment: { BOTH: step }
      failing: { run: { service: job, command: "sh -c 'echo try; exit 3'" }, retries: 1, retry_delay: 1s, needs: [] }
      odd: { run: { service: job, command: [no-such-program] }, needs: [] }
  slow: &slow
    params: { who: world }
    steps:
      wait: { run: { service: job, command: [sh, -c, "trap 'echo stopping; exit 0' TERM; echo begun; sleep 600 & wait"] } }
  stopped: *slow
  repeated:
    steps:
      wait: { run: { service: job, command: [sh, -c, "echo begun; sleep 600"] }, retries: 1, retry_delay: 1s }
  commands:
    steps:
      shell: { run: "true" }
  late:
    steps:
      wait: { run: { service: job, command: [sleep, "600"] }, timeout: 2s }
`;

let shop: Project;

beforeAll(async () => {
  const image = await shellImage();
  shop = await createProject(file(image));
  await shop.write("job/Dockerfile", `FROM ${image}\nENTRYPOINT []\nUSER 1234\n`);
  await shop.write("data/in", "from the host\n");
  await shop.write("data/out", "");
  await chmod(`${shop.folder}/data/out`, 0o666);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

const run = (name: string, ...more: string[]): Promise<DpResult> =>
  shop.dp(["pipeline", "run", name, "--json", ...more]);

function resultOf(result: DpResult): RunResult {
  return eventsOf(result).at(-1) as unknown as RunResult;
}

/** What the steps wrote: `step: line`. */
function linesOf(result: DpResult, step: string): string[] {
  const isLine = (event: DpEvent): event is DpEvent & { line: string } =>
    event.type === "log" && event.target === step && "line" in event;
  return eventsOf(result)
    .filter(isLine)
    .map(({ line }) => line);
}

/** Names of the containers of runs, without the project's. */
async function runContainers(): Promise<string[]> {
  const client = await engineClient();
  const filters = { label: ["dp.kind=run", `dp.project=${shop.name}`] };
  const found = await client.listContainers({ all: true, filters });
  return found.map(({ Names: names }) => (names[0] ?? "").slice(shop.name.length + 2)).toSorted();
}

test("a service with scale 0 is built, and has no container", async () => {
  const { stdout } = await shop.succeed(["status", "--json"]);
  expect(stdout).not.toContain('"job"');
  expect((await shop.succeed(["plan"])).code).toBe(0);
});

test.each([
  { where: "by Airflow", flags: [] },
  { where: "locally", flags: ["--local"] },
])(
  "log lines, exit codes, addresses, and hostile parameters of steps $where",
  async ({ flags }) => {
    const hostile = 'a\'b "c" $(id) `id`; {{ ds }}\n--second line';
    const result = await run("report", ...flags, "--param", `who=${hostile}`);
    expect(result.code, result.stdout).toBe(10);
    const { run: id, steps } = resultOf(result);
    expect(steps.map(({ step, state, tries }) => [step, state, tries])).toEqual([
      ["image", "succeeded", 1],
      ["service", "succeeded", 1],
      ["failing", "failed", 2],
      ["odd", "failed", 1],
    ]);
    expect(linesOf(result, "image")).toEqual([...`[hello ${hostile}]`.split("\n"), `[${id}]`]);
    const url = "redis://cache:6379";
    const ofService = linesOf(result, "service");
    expect(ofService.toSorted()).toEqual([
      expect.stringMatching(`^${url}\\S* step ${url}`),
      "wrong",
    ]);
    expect(await shop.read("data/out")).toBe("from the host\n");
    const failure = "error: report.failing: the container exited with code 3";
    expect(linesOf(result, "failing")).toEqual(["try", failure, "try", failure]);
    expect(linesOf(result, "odd")[0]).toContain(
      "error: report.odd: the engine can't start the container",
    );
    expect(await runContainers()).toEqual([]);
  },
);

test("Ctrl-C and a timeout stop the container of a local step, and remove it", async () => {
  const running = shop.start(["pipeline", "run", "slow", "--local", "--json"]);
  await running.output('"begun"');
  expect(await runContainers()).toHaveLength(2);
  running.kill("SIGINT");
  const stopped = await running.done;
  expect(stopped.code, stopped.stdout).toBe(130);
  expect(linesOf(stopped, "wait")).toEqual(["begun", "stopping"]);
  const late = await run("late", "--local");
  expect(late.code, late.stdout).toBe(10);
  expect(linesOf(late, "wait")).toEqual([
    "error: late.wait: the container took longer than its timeout, 2 s",
  ]);
  expect(await runContainers()).toEqual([]);
});

test("a killed dp leaves no container of a local step", async () => {
  const running = shop.start(["pipeline", "run", "stopped", "--local", "--json"]);
  await running.output('"begun"');
  expect(await runContainers()).toHaveLength(2);
  running.kill("SIGKILL");
  await running.done;
  await until(async () => (await runContainers()).length === 0);
});

/** The longest that a container may outlive its task. */
const deathMs = 15_000;
/** On a busy machine Airflow needs a while to start a task again. */
const retryMs = 180_000;

/** Starts a run by Airflow, and returns when its container runs. */
async function startSlow(name: string): Promise<ReturnType<Project["start"]>> {
  const running = shop.start(["pipeline", "run", name, "--json"]);
  await running.output('"begun"');
  expect(await runContainers()).toHaveLength(2);
  return running;
}

test("a canceled run of Airflow stops its container, and a timeout does", async () => {
  const running = await startSlow("slow");
  running.kill("SIGINT");
  expect((await running.done).code).toBe(130);
  await until(async () => (await runContainers()).length === 0);
  const late = await run("late");
  expect(late.code, late.stdout).toBe(10);
  await until(async () => (await runContainers()).length === 0);
});

test("a killed task leaves no container, and its retry has one of its own", async () => {
  const running = await startSlow("repeated");
  const before = await runContainers();
  expect(before).toHaveLength(2);
  await inAirflow(killSteps);
  await until(async () => !(await runContainers()).some((name) => before.includes(name)), deathMs);
  await until(async () => (await runContainers()).length === 2, retryMs);
  running.kill("SIGINT");
  await running.done;
  await until(async () => (await runContainers()).length === 0);
});

/** Kills the processes of steps that this container has. */
const killSteps = `
import os, pathlib, signal
for entry in pathlib.Path("/proc").iterdir():
    if entry.name.isdecimal() and b"dp_runtime" in (entry / "cmdline").read_bytes():
        if int(entry.name) != os.getpid() and b"bash" not in (entry / "cmdline").read_bytes():
            os.kill(int(entry.name), signal.SIGKILL)
`;

/** What a Python program prints that runs in Airflow's container, as Airflow's user. */
async function inAirflow(script: string): Promise<string> {
  const { stdout } = await shop.succeed(["exec", "airflow", "--", "python", "-c", script]);
  return stdout;
}

/** Sends requests to the step runner, and prints the status and the response of each. */
const forge = `
import json, pathlib, re, urllib.error, urllib.request
code = pathlib.Path("/opt/dp/code")
token = (code / "runner-token").read_text()
dag = pathlib.Path("/opt/airflow/dags/dp_slow.py").read_text()
version = re.search(r"/opt/dp/code/([0-9a-f]{16})", dag)[1]
# What Airflow has of a version is not what the runner starts.
copy = code / version / ".dp" / "pipeline.json"
copy.write_text(copy.read_text().replace("sleep", "id"))
asked = {
    "pipeline": "slow", "step": "wait", "version": version, "run": "forged", "attempt": 1,
    "interval": "2026-01-01T00:00:00+00:00", "params": {},
}
def send(token, **changes):
    body = json.dumps({key: value for key, value in {**asked, **changes}.items() if value is not None})
    request = urllib.request.Request("http://step-runner:8000/steps", body.encode())
    request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request) as response:
            print(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, json.loads(error.read())["error"])
send("")
send("x" * 64)
send(token, image="dp-base", privileged=True)
send(token, params=None)
send(token, step="nothing")
send(token, pipeline="commands", step="shell")
send(token, version="../../../../proc")
send(token, version="0" * 16)
send(token, run="a\\nb")
send(token, attempt="1; id")
send(token, params={"who": ["a"]})
send(token, params={"image": "dp-base"})
send(token, params={"who": "a" * 70000})
`;

test("the step runner starts declared steps, and nothing else", async () => {
  const printed = (await inAirflow(forge)).trim().split("\n");
  expect(printed.slice(0, 11)).toEqual([
    "401 the token is missing or wrong",
    "401 the token is missing or wrong",
    "400 the request has other keys than it must have, unknown: image, privileged",
    "400 the request has other keys than it must have, missing: params",
    "400 slow.nothing is not a deployed step in a container",
    "400 commands.shell is not a deployed step in a container",
    "400 version is not valid",
    "400 the version 0000000000000000 is not deployed",
    "400 run is not valid",
    "400 attempt is not valid",
    "400 the parameter who is not a string, number, or boolean",
  ]);
  expect(printed[11]).toContain("error: slow has no parameter image");
  expect(printed.at(-1)).toBe("413 a request has at most 65536 bytes");
  expect(await runContainers()).toEqual([]);
  const running = await startSlow("slow");
  running.kill("SIGINT");
  await running.done;
  await until(async () => (await runContainers()).length === 0);
});

test("only the step runner has the engine's socket, and no secret is in a label", async () => {
  const client = await engineClient();
  const token = await inAirflow('print(open("/opt/dp/code/runner-token").read())');
  const listed = await client.listContainers({ filters: { label: [`dp.project=${shop.name}`] } });
  const inspected = await Promise.all(
    listed.map(({ Id: id }) => client.getContainer(id).inspect()),
  );
  expect(JSON.stringify(inspected)).not.toContain(token.trim());
  const withSocket = inspected.filter((one) => JSON.stringify(one.Mounts).includes("docker.sock"));
  expect(withSocket.map(({ Name: name }) => name)).toEqual([`/${shop.name}-step-runner`]);
  expect(withSocket[0]?.HostConfig).toMatchObject({ Privileged: false, CapDrop: ["ALL"] });
});

test("a killed step runner or Airflow leaves no container of a step", async () => {
  const client = await engineClient();
  for (const service of ["step-runner", "airflow"]) {
    const running = await startSlow("stopped");
    await client.getContainer(`${shop.name}-${service}`).kill();
    await until(async () => (await runContainers()).length === 0, deathMs);
    running.kill("SIGINT");
    await running.done;
    await shop.succeed(["up"]);
    // An Airflow that was killed starts the step of a run again.
    await shop.dp(["pipeline", "cancel", "stopped"]);
    await until(async () => (await runContainers()).length === 0);
  }
  // `down` is the last one to stop a step.
  await startSlow("slow");
  await shop.succeed(["down", "--volumes"]);
  expect(await runContainers()).toEqual([]);
});
