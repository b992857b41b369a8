import { spawn, type ChildProcess } from "node:child_process";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, type Project } from "../support/project.ts";
import { tally } from "../support/tally.ts";

const yaml = `zookeeper:
kafka: { brokers: 3 }
topics: { orders: { partitions: 3 } }
stores: { cache: { type: redis } }
`;
const attempts = Number(process.env["DP_TEST_ATTEMPTS"] ?? 100);
/** Processes that compete with the stack; with its own they make a load of about 40 on two cores. */
const busyCount = 38;
const targetLoad = 35;

let shop: Project;
const busy: ChildProcess[] = [];

beforeAll(async () => {
  shop = await createProject(yaml);
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "produce", "orders"], { input: "one\ntwo\nthree\n" });
  for (let count = 0; count < busyCount; count++) {
    busy.push(spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
  }
  while ((loadavg()[0] ?? 0) < targetLoad) await sleep(1000);
}, 600_000);

afterAll(async () => {
  for (const one of busy) one.kill("SIGKILL");
  await shop[Symbol.asyncDispose]();
}, 600_000);

test.each<[command: string, args: readonly string[]]>([
  ["health", ["health"]],
  ["status", ["status", "--json"]],
  ["wait", ["wait"]],
  ["smoke", ["smoke"]],
  ["topic tail", ["topic", "tail", "orders", "--offset", "start", "--end"]],
])("%s raises no false alarm on a busy machine", async (command, args) => {
  const failures = await tally(`${command} at a load of 40`, async (attempt) => {
    for (let round = 1; round <= attempts; round++) {
      await attempt(`round ${round}`, async () => {
        const { code, stdout, stderr } = await shop.dp(args);
        expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
        expect(stdout).not.toContain('"unhealthy"');
      });
    }
  });
  expect(failures).toEqual([]);
});
