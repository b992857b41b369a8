import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineLine, RunLine } from "../../src/report/pipeline-list.ts";
import type { UpDocument } from "../../src/commands/up/up-result.ts";
import type { RunResult } from "../../src/pipeline/result.ts";
import { containersOf, engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf, type DpEvent, type DpResult } from "../support/run-dp.ts";
import { until } from "../support/until.ts";

/** A minute that has just gone by: Airflow's own idea would be to make up for it at once. */
const justGone = new Date(Date.now() - 60_000);
const schedule = `${justGone.getUTCMinutes()} ${justGone.getUTCHours()} * * *`;
const hourMs = 3_600_000;

const pipelines = `
  greet:
    params: { who: world, rate: 1.10, id: 9007199254740993 }
    steps:
      hello: { run: "echo hello {{ params.who }} {{ params.rate }} {{ params.id }} of $DP_RUN_ID" }
      file: { run: "cat words.txt" }
      python: { run: { python: "pipelines/say.py:main" } }
  flaky:
    steps:
      first: { run: "echo fine" }
      bad: { run: "echo try $DP_TRY; exit 3", retries: 1, retry_delay: 1s }
      last: { run: "echo never" }
  edited:
    steps:
      file: { run: "cat words.txt" }
  slow: &slow
    steps:
      wait: { run: "echo begun; sleep 60" }
  interrupted: *slow
  detached: *slow
  late:
    steps:
      wait: { run: "echo begun; sleep 60", timeout: 1s }
  latest:
    timeout: 2s
    steps:
      wait: { run: "echo begun; sleep 60" }
`;
const nightly = `
  nightly:
    schedule: "${schedule}"
    steps:
      tick: { run: "echo tick" }
`;
const file = `airflow: { dags: dags }\npipelines:${pipelines}${nightly}`;

const sound = "def main():\n    print('python says', open('words.txt').read().strip())\n";
const mine = `from airflow.sdk import DAG, task

with DAG("mine", schedule=None):

    @task
    def speak():
        print("written by hand")

    speak()
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject(file);
  await shop.write("words.txt", "first words\n");
  await shop.write("pipelines/say.py", sound);
  await shop.write("dags/mine.py", mine);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

const run = (name: string, ...more: string[]): Promise<DpResult> =>
  shop.dp(["pipeline", "run", name, "--json", ...more]);

/** The result of a run that was made with `--json`. */
function resultOf(result: DpResult): RunResult {
  return eventsOf(result).at(-1) as unknown as RunResult;
}

/** What the steps wrote: `step: line`. */
function linesOf(result: DpResult): string[] {
  const isLine = (event: DpEvent): event is DpEvent & { line: string } =>
    event.type === "log" && "own" in event && "line" in event;
  return eventsOf(result)
    .filter(isLine)
    .map(({ target, line }) => `${target}: ${line}`);
}

async function runsOf(name: string): Promise<readonly RunLine[]> {
  const { stdout } = await shop.succeed(["pipeline", "runs", name, "--json"]);
  return (JSON.parse(stdout) as { runs: RunLine[] }).runs;
}

const isSend = ({ id }: DpEvent): boolean => id?.startsWith("send:") === true;

// Pipelines that are not edited meanwhile run in pairs.
test.concurrent("a run must end with its steps in order, and what they wrote be told: exit 0", async () => {
  const result = await run(
    "greet",
    ...["who=you", "rate=2.50", "id=-9007199254740995"].flatMap((param) => ["--param", param]),
  );
  expect(result.code, result.stdout).toBe(0);
  const { run: id, state, steps } = resultOf(result);
  expect(state).toBe("succeeded");
  expect(steps.map(({ step, tries }) => [step, tries])).toEqual([
    ["hello", 1],
    ["file", 1],
    ["python", 1],
  ]);
  expect(linesOf(result)).toEqual([
    `hello: hello you 2.50 -9007199254740995 of ${id}`,
    "file: first words",
    "python: python says first words",
  ]);
  expect(await runsOf("greet")).toMatchObject([{ run: id, state: "succeeded", type: "manual" }]);
  const { stdout } = await shop.succeed(["pipeline", "logs", "greet", "--step", "file"]);
  expect(stdout).toBe("file | first words\n");
});

test.concurrent("a step that fails must be tried again, then fail the run with its log: exit 10", async () => {
  const result = await run("flaky");
  expect(result.code).toBe(10);
  const { steps, failures } = resultOf(result);
  expect(steps.map(({ step, state, tries }) => [step, state, tries])).toEqual([
    ["first", "succeeded", 1],
    ["bad", "failed", 2],
    ["last", "not-reached", 0],
  ]);
  expect(failures).toMatchObject([{ step: "bad", try: 2 }]);
  expect(failures[0]?.log).toContain("try 2");
  expect(linesOf(result)).toContain("bad: try 1");
  const retry = eventsOf(result).find(({ text }) => text === "try 1 failed; try 2 of 2");
  expect(retry).toMatchObject({ target: "bad", until: expect.any(String) as string });
});

test.concurrent("a step that takes too long fails with that reason: exit 10", async () => {
  for (const how of [[], ["--local"]]) {
    const late = await run("late", ...how);
    expect(late.code).toBe(10);
    expect(resultOf(late).failures[0]?.log.at(-1)).toContain("it took longer than its timeout");
  }
});

test.concurrent("a run that takes too long fails with that reason: exit 10", async () => {
  const latest = await run("latest");
  expect(latest.code).toBe(10);
  expect(resultOf(latest).why).toBe("it took longer than its timeout, 2 s");
  const local = await run("latest", "--local");
  expect(local.code).toBe(10);
  expect(failureOf(local)).toMatchObject({ code: "pipeline-failed" });
});

test("what was edited must be what runs, and be sent once", async () => {
  await shop.write("words.txt", "other words\n");
  const edited = await run("edited");
  expect(linesOf(edited)).toContain("file: other words");
  expect(eventsOf(edited).some(isSend)).toBe(true);
  const again = await run("edited");
  expect(linesOf(again)).toContain("file: other words");
  expect(eventsOf(again).some(isSend)).toBe(false);
});

test("plan names the pipelines and DAGs that up would change, with exit code 3", async () => {
  const upToDate = await shop.dp(["plan", "--exit-code", "--json"]);
  expect(upToDate.code, upToDate.stdout).toBe(0);
  expect(JSON.parse(upToDate.stdout)).toMatchObject({ pending: false, pipelines: [] });
  const other = pipelines.replace("echo fine", "echo other").replace(/ {2}slow: &slow[^]*/, "");
  await shop.configure(`airflow: { dags: dags }\npipelines:${other}${nightly}`);
  const words = await shop.read("words.txt");
  await shop.write("words.txt", "words of a plan\n");
  await shop.write("dags/mine.py", `${mine}\n`);
  const plan = await shop.dp(["plan", "--exit-code", "--json"]);
  expect(plan.code).toBe(3);
  const { changes, pipelines: planned } = JSON.parse(plan.stdout) as UpDocument;
  expect(changes).toEqual([]);
  expect(planned.map(({ action, target, cause }) => `${action} ${target}: ${cause}`)).toEqual([
    "change greet: dags/mine.py changed, words.txt changed",
    "change flaky: changed in pipeline.yaml, dags/mine.py changed, words.txt changed",
    "change edited: dags/mine.py changed, words.txt changed",
    "change nightly: dags/mine.py changed, words.txt changed",
    "remove slow: no longer in pipeline.yaml",
    "remove interrupted: no longer in pipeline.yaml",
    "remove detached: no longer in pipeline.yaml",
    "remove late: no longer in pipeline.yaml",
    "remove latest: no longer in pipeline.yaml",
    "change mine.py: content changed",
    // A DAG can read what is beside pipeline.yaml.
    "change words.txt: content changed",
  ]);
  expect((await shop.succeed(["plan"])).stdout).toContain(
    `${shop.name}: 11 changes\n  ~ change pipeline greet                      dags/mine.py changed, words.txt changed\n`,
  );
  await shop.configure(file);
  await shop.write("words.txt", words);
  await shop.write("dags/mine.py", mine);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("status must show the last run of each pipeline, and wait must judge it: exit 10 for a failed one", async () => {
  const { stdout } = await shop.succeed(["status", "--json"]);
  const { pipelines } = JSON.parse(stdout) as { pipelines: PipelineLine[] };
  const of = (name: string) => pipelines.find(({ pipeline }) => pipeline === name);
  expect(of("greet")?.lastRun?.state).toBe("succeeded");
  expect(of("late")?.lastRun?.state).toBe("failed");
  expect(of("slow")?.lastRun).toBeNull();
  expect(of("nightly")?.nextRun).not.toBeNull();
  expect(of("mine")?.from).toBe("airflow");
  await shop.succeed(["wait", "pipeline", "greet"]);
  const failed = await shop.dp(["wait", "pipeline", "late", "--json"]);
  expect(failed.code).toBe(10);
  expect(JSON.parse(failed.stdout)).toMatchObject({ target: "pipeline late", met: false });
  const unknown = await shop.dp(["wait", "pipeline", "gret", "--json"]);
  expect(unknown.code).toBe(2);
  expect(failureOf(unknown).next).toBe("did you mean greet?");
});

test.concurrent("a wait that is limited must end without the run: exit 1", async () => {
  const result = await run("slow", "--timeout", "2s");
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "not-ready" });
  expect((await runsOf("slow"))[0]?.state).toBe("running");
  await shop.succeed(["pipeline", "cancel", "slow"]);
  await until(async () => (await runsOf("slow"))[0]?.state === "failed");
});

test.concurrent("Ctrl-C must end the run in Airflow, too: exit 130", async () => {
  const running = shop.start(["pipeline", "run", "interrupted", "--json"]);
  await running.event(({ type, target }) => type === "log" && target === "wait");
  running.kill("SIGINT");
  const result = await running.done;
  expect(result.code).toBe(130);
  expect(failureOf(result)).toMatchObject({ code: "interrupted" });
  await until(async () => (await runsOf("interrupted"))[0]?.state === "failed");
});

test.concurrent("a run that was only started must be followed and cancelled by other commands", async () => {
  const started = await shop.succeed(["pipeline", "run", "detached", "--detach"]);
  const follow = shop.start(["pipeline", "logs", "detached", "--follow"]);
  await follow.output("wait | begun");
  const cancelled = await shop.succeed(["pipeline", "cancel", "detached", "--json"]);
  const [last] = await runsOf("detached");
  expect(started.stdout).toContain(last?.run ?? "no run");
  expect(JSON.parse(cancelled.stdout)).toEqual({
    pipeline: "detached",
    cancelled: [last?.run],
    ended: [],
  });
  expect((await follow.done).code).toBe(0);
  await until(async () => (await runsOf("detached"))[0]?.state === "failed");
});

test("a mistake in the code must be told with its line before anything runs: exit 2", async () => {
  const before = await runsOf("greet");
  await shop.write("pipelines/say.py", "def main():\n    print('python'\n");
  for (const how of [[], ["--local"]]) {
    const result = await run("greet", ...how);
    expect(result.code).toBe(2);
    const { code, evidence } = failureOf(result);
    expect(code).toBe("invalid-file");
    expect(evidence[0]).toMatch(/^pipelines\/say\.py:2:10 {2}error {2}'\(' was never closed/);
    expect(evidence[1]).toContain("print('python'");
    expect(evidence[2]).toContain("^");
  }
  expect(await runsOf("greet")).toEqual(before);
  // Another pipeline is not kept from running.
  expect((await run("edited")).code).toBe(0);
  await shop.write("pipelines/say.py", sound);
});

test("suggests the nearest name for an unknown pipeline, with exit code 2", async () => {
  const result = await run("gret");
  expect(result.code).toBe(2);
  expect(failureOf(result)).toMatchObject({
    code: "unknown-pipeline",
    next: "did you mean greet?",
  });
});

test("a run without Airflow must do the same, and leave nothing behind", async () => {
  const before = await shop.snapshot();
  const [result, failing] = await Promise.all([
    run("greet", "--local", "--param", "who=me"),
    run("flaky", "--local"),
  ]);
  expect(result.code, result.stderr).toBe(0);
  expect(linesOf(result)).toContain("file: other words");
  expect(linesOf(result)[0]).toBe(
    `hello: hello me 1.10 9007199254740993 of ${resultOf(result).run}`,
  );
  expect(failing.code).toBe(10);
  const states = resultOf(failing).steps.map(({ state, tries }) => `${state} ${tries}`);
  expect(states).toEqual(["succeeded 1", "failed 2", "not-reached 0"]);
  expect(await shop.snapshot()).toEqual(before);
});

test.each([
  ["SIGINT", 130],
  ["SIGKILL", undefined],
] as const)("%s must leave nothing of a run without Airflow", async (signal, code) => {
  const before = await shop.snapshot();
  const running = shop.start(["pipeline", "run", "slow", "--local", "--json"]);
  await running.event(({ type, target }) => type === "log" && target === "wait");
  running.kill(signal);
  expect((await running.done).code).toBe(code);
  const left = async () => (await shop.snapshot()).containers;
  await until(async () => (await left()).length === before.containers.length);
  expect(await shop.snapshot()).toEqual(before);
});

test("a hand-written DAG must run as it is now, or be told with its line", async () => {
  const result = await run("mine");
  expect(result.code, result.stderr).toBe(0);
  expect(linesOf(result)).toContain("speak: written by hand");
  await shop.write("dags/mine.py", mine.replace("None", "Nonne"));
  const broken = await run("mine");
  expect(broken.code).toBe(1);
  expect(failureOf(broken)).toMatchObject({
    code: "airflow-failed",
    message: expect.stringContaining("mine") as string,
    why: "NameError: name 'Nonne' is not defined",
    at: { file: `${shop.folder}/dags/mine.py`, line: 3 },
  });
  await shop.write("dags/mine.py", mine.replace("by hand", "anew"));
  expect(linesOf(await run("mine"))).toContain("speak: written anew");
});

test("a hand-written DAG that is edited while Airflow reads it must be read again", async () => {
  // As slow to load as one on a busy machine, and telling when it is.
  const slow = (more: string): string =>
    `import time\nopen("/tmp/reading", "w").close()\ntime.sleep(1)\n${more}\n${mine}`;
  await shop.write("dags/mine.py", slow(""));
  expect((await run("mine")).code).toBe(0);
  await shop.succeed(["exec", "airflow", "--", "rm", "-f", "/tmp/reading"]);
  await until(
    async () => (await shop.dp(["exec", "airflow", "--", "ls", "/tmp/reading"])).code === 0,
  );
  await shop.write("dags/mine.py", slow("nonsense"));
  expect(failureOf(await run("mine"))).toMatchObject({ at: { line: 4 } });
});

test("a run in which nothing ran must not count as one that succeeded: exit 10", async () => {
  const future = "start_date=datetime(2999, 1, 1, tzinfo=timezone.utc)";
  const late = `from datetime import datetime, timezone\n${mine.replace("schedule=None", future)}`;
  await shop.write("dags/mine.py", late);
  const result = await run("mine");
  expect(result.code).toBe(10);
  expect(resultOf(result)).toMatchObject({ state: "failed", steps: [] });
  expect(resultOf(result).why).toContain("nothing ran");
  await shop.write("dags/mine.py", mine);
});

test("sending a scheduled pipeline must not start it, the first time and later", async () => {
  const soonest = Date.now() + hourMs;
  const nextRun = async (): Promise<number> => {
    const { stdout } = await shop.succeed(["pipeline", "list", "--json"]);
    const listed = JSON.parse(stdout) as { pipelines: { pipeline: string; nextRun: string }[] };
    return Date.parse(
      listed.pipelines.find(({ pipeline }) => pipeline === "nightly")?.nextRun ?? "",
    );
  };
  expect(await nextRun()).toBeGreaterThan(soonest);
  await shop.write("words.txt", "third words\n");
  await shop.succeed(["up"]);
  expect(await nextRun()).toBeGreaterThan(soonest);
  expect(await runsOf("nightly")).toEqual([]);
});

test("a pipeline that left the file must leave Airflow, and what was written by hand stay", async () => {
  await shop.configure(`airflow: { dags: dags }\npipelines:${pipelines}`);
  const up = eventsOf(await shop.succeed(["up", "--json"]));
  const removal = { action: "remove", object: "pipeline", target: "nightly" };
  expect(up.find(({ type }) => type === "plan")?.text).toContain("- remove pipeline nightly ");
  expect(up.at(-1)).toMatchObject({ changes: [] });
  expect((up.at(-1) as unknown as UpDocument).pipelines).toContainEqual(
    expect.objectContaining(removal),
  );
  await until(async () => {
    const { stdout } = await shop.succeed(["pipeline", "list", "--json"]);
    const { pipelines: listed } = JSON.parse(stdout) as { pipelines: { pipeline: string }[] };
    const names = listed.map(({ pipeline }) => pipeline);
    return names.join(" ") === "greet flaky edited slow interrupted detached late latest mine";
  });
  const [airflow] = await containersOf(shop.name);
  const client = await engineClient();
  const archive = client
    .getContainer(airflow?.id ?? "")
    .getArchive({ path: "/opt/airflow/dags/dp_nightly.py" });
  await expect(archive).rejects.toMatchObject({ statusCode: 404 });
});

test("a run whose Airflow stops must end as one that can't be found out: exit 1", async () => {
  const running = shop.start(["pipeline", "run", "slow", "--json"]);
  await running.event(({ type, target }) => type === "log" && target === "wait");
  const [airflow] = await containersOf(shop.name);
  await (await engineClient()).getContainer(airflow?.id ?? "").kill();
  const result = await running.done;
  expect(result.code).toBe(1);
  const { message, why, next } = failureOf(result);
  expect(message).toMatch(/^could not find out how the run dp__\S+ of slow ended$/);
  expect(why).toMatch(/^airflow exited with code 137/);
  expect(next).toContain("dp up");
  const without = await run("greet");
  expect(without.code).toBe(1);
  expect(failureOf(without)).toMatchObject({ code: "not-running", next: "dp up" });
});

test("dp down must end a run without Airflow, which can't find out more: exit 1", async () => {
  const running = shop.start(["pipeline", "run", "slow", "--local", "--json"]);
  await running.event(({ type, target }) => type === "log" && target === "wait");
  await shop.succeed(["down"]);
  const result = await running.done;
  expect(result.code).toBe(1);
  expect(failureOf(result).why).toContain("dp down");
  expect((await shop.snapshot()).containers).toEqual([]);
});
