import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startEngineProxy } from "../support/engine-proxy.ts";
import { killDp } from "../support/killed-dp.ts";
import { everyNth } from "../support/long-share.ts";
import { createProject } from "../support/project.ts";
import { signalScheduler } from "../support/signal-scheduler.ts";
import { tally } from "../support/tally.ts";

const yaml = (word: number): string => `airflow:
pipelines: { greet: { steps: { hello: { run: "echo hello ${word}" } } } }
`;

interface Result {
  readonly state: string;
}

interface Steps {
  readonly steps: readonly { readonly state: string; readonly tries: number }[];
}

// A changed pipeline is deployed by the run, which is killed in the middle of it.
test("a run through Airflow succeeds after a kill at every call of the run before", async () => {
  await using project = await createProject(yaml(0));
  await using proxy = await startEngineProxy();
  await project.succeed(["up"]);
  const failures = await tally(
    "killed at every call: pipeline run through Airflow",
    async (attempt) => {
      let reached = true;
      for (let call = everyNth(); reached; call += everyNth()) {
        for (const [index, when] of (["before", "during", "after"] as const).entries()) {
          await attempt(`${when} call ${call}`, async () => {
            await project.configure(yaml(3 * call + index));
            const killed = await killDp({ project, proxy }, ["pipeline", "run", "greet"], {
              call,
              when,
            });
            reached = proxy.happened;
            // Behind the last call the command ends by itself.
            expect(killed, killed.stderr).toMatchObject(reached ? {} : { code: 0 });
            const run = await project.succeed(["pipeline", "run", "greet", "--json"]);
            expect(run.stdout).toContain(`hello ${3 * call + index}`);
            const { stdout } = await project.succeed([
              "pipeline",
              "runs",
              "greet",
              "-n",
              "1",
              "--json",
            ]);
            const { runs } = JSON.parse(stdout) as { runs: Result[] };
            expect(runs.map(({ state }) => state)).toEqual(["succeeded"]);
          });
          if (!reached) break;
        }
      }
    },
  );
  expect(failures).toEqual([]);
});

test("a scheduler that is frozen for 40 s does not run its tasks again", async () => {
  await using project = await createProject(`airflow:
pipelines: { slow: { steps: { wait: { run: "echo begun; sleep 50" } } } }
`);
  await project.succeed(["up"]);
  const failures = await tally("scheduler frozen for 40 s", async (attempt) => {
    for (let round = 1; round <= 3; round += 1) {
      await attempt(`round ${round}`, async () => {
        const running = project.start(["pipeline", "run", "slow", "--json"]);
        await running.event(({ target, state }) => target === "wait" && state === "start");
        await signalScheduler(`${project.name}-airflow`, "SIGSTOP");
        await sleep(40_000);
        await signalScheduler(`${project.name}-airflow`, "SIGCONT");
        const { code, stdout } = await running.done;
        expect(code, stdout).toBe(0);
        const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Steps;
        expect(result.steps).toMatchObject([{ state: "succeeded", tries: 1 }]);
      });
    }
  });
  expect(failures).toEqual([]);
});
