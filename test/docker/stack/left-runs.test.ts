import { hostname } from "node:os";
import { expect, test } from "vitest";
import { listRuns, removeRuns } from "../../../src/docker/stack/left-runs.ts";
import { readStartTime } from "../../../src/process-identity.ts";
import { startFakeEngine } from "../../support/fake-engine.ts";

const seconds = Math.round(Date.now() / 1000);

function row(
  name: string,
  about: { state?: string; process?: string; ageS?: number; host?: string },
) {
  const { state = "created", process: creator, ageS = 0, host = hostname() } = about;
  const labels = { "dp.project": "shop", "dp.kind": "run", "dp.host": host };
  return {
    Id: name,
    Names: [`/${name}`],
    State: state,
    Created: seconds - ageS,
    Labels: creator === undefined ? labels : { ...labels, "dp.process": creator },
  };
}

async function rows() {
  const startTime = await readStartTime(process.pid);
  return [
    row("alive", { process: `${process.pid} ${startTime}`, ageS: 3600 }),
    row("reused-pid", { process: `${process.pid} 1` }),
    row("dead", { process: "999999999 1" }),
    row("other-host", { process: "999999999 1", host: "elsewhere" }),
    row("old-without-label", { ageS: 3600 }),
    row("new-without-label", {}),
    row("running", { state: "running", process: "999999999 1" }),
    row("ended", { state: "exited" }),
  ];
}

test("knows at once that the process which created a container is dead", async () => {
  await using fake = await startFakeEngine({ "GET /containers/json": [200, await rows()] });
  const runs = await listRuns({ engine: fake.engine });
  expect(runs.filter(({ left }) => left).map(({ name }) => name)).toEqual([
    "reused-pid",
    "dead",
    "old-without-label",
    "ended",
  ]);
});

test("removes the left containers of local runs, and all of them when asked", async () => {
  await using fake = await startFakeEngine({ "GET /containers/json": [200, await rows()] });
  const query = { engine: fake.engine, project: "shop" };
  expect(await removeRuns({ ...query, which: "left" })).toContain("dead");
  expect(fake.calls).toContain("DELETE /containers/dead");
  expect(fake.calls).not.toContain("DELETE /containers/alive");
  expect(await removeRuns({ ...query, which: "all" })).toContain("alive");
  expect(fake.calls).toContain("DELETE /containers/alive");
});
