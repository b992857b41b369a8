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
stores: { cache: { type: redis } }
services:
  job:
    build: job
    scale: 0
    volumes: ["./shared:/shared"]
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
        run: { service: job, command: [sh, -c, 'echo "$FROM_SERVICE $BOTH $CACHE_URL"; echo wrong >&2; cat /shared/in > /shared/out'] }
        environment: { BOTH: step }
      failing: { run: { service: job, command: "sh -c 'echo try; exit 3'" }, retries: 1, retry_delay: 1s, needs: [] }
      odd: { run: { service: job, command: [no-such-program] }, needs: [] }
  slow: &slow
    steps:
      wait: { run: { service: job, command: [sh, -c, "trap 'echo stopping; exit 0' TERM; echo begun; sleep 600 & wait"] } }
  stopped: *slow
  late:
    steps:
      wait: { run: { service: job, command: [sleep, "600"] }, timeout: 2s }
`;

let shop: Project;

beforeAll(async () => {
  const image = await shellImage();
  shop = await createProject(file(image));
  await shop.write("job/Dockerfile", `FROM ${image}\nENTRYPOINT []\nUSER 1234\n`);
  await shop.write("shared/in", "from the host\n");
  await shop.write("shared/out", "");
  const { chmod } = await import("node:fs/promises");
  await chmod(`${shop.folder}/shared/out`, 0o666);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

const run = (name: string, ...more: string[]): Promise<DpResult> =>
  shop.dp(["pipeline", "run", name, "--local", "--json", ...more]);

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

test("log lines, exit codes, addresses, and hostile parameters of local steps", async () => {
  const hostile = 'a\'b "c" $(id) `id`; {{ ds }}\n--second line';
  const result = await run("report", "--param", `who=${hostile}`);
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
  expect(ofService.toSorted()).toEqual([expect.stringMatching(`^${url}\\S* step ${url}`), "wrong"]);
  expect(await shop.read("shared/out")).toBe("from the host\n");
  const failure = "error: report.failing: the container exited with code 3";
  expect(linesOf(result, "failing")).toEqual(["try", failure, "try", failure]);
  expect(linesOf(result, "odd").at(-1)).toContain("the engine can't start the container: ");
  expect(await runContainers()).toEqual([]);
});

test("Ctrl-C and a timeout stop the container of a local step, and remove it", async () => {
  const running = shop.start(["pipeline", "run", "slow", "--local", "--json"]);
  await running.output('"begun"');
  expect(await runContainers()).toHaveLength(2);
  running.kill("SIGINT");
  const stopped = await running.done;
  expect(stopped.code, stopped.stdout).toBe(130);
  expect(linesOf(stopped, "wait")).toEqual(["begun", "stopping"]);
  const late = await run("late");
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
