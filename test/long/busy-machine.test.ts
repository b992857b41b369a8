import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { everyNth } from "../support/long-share.ts";
import { createProject, type Project } from "../support/project.ts";
import { tally } from "../support/tally.ts";

const yaml = `zookeeper:
kafka: { brokers: 3 }
topics: { orders: { partitions: 3 } }
stores: { cache: { type: redis } }
`;
const attempts = Math.ceil(100 / everyNth());
/** Commands at a time: they are a part of the load. */
const atOnce = 3;
/** Processes that compete with the stack. With the commands they make a load of about 40 on two cores. */
const busyCount = 37;

let shop: Project;
const busy: ReturnType<typeof startBusy>[] = [];

const startBusy = () =>
  execa("sh", ["-c", "while :; do :; done"], { stdio: "ignore", reject: false });

beforeAll(async () => {
  shop = await createProject(yaml);
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "produce", "orders"], { input: "one\ntwo\nthree\n" });
  for (let count = 0; count < busyCount; count++) {
    busy.push(startBusy());
  }
  while ((loadavg()[0] ?? 0) < busyCount - 2) await sleep(1000);
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
    let started = 0;
    const runSome = async (): Promise<void> => {
      while (started < attempts) {
        started += 1;
        await attempt(`round ${started}`, async () => {
          const { code, stdout, stderr } = await shop.dp(args);
          if (code !== 0 || stdout.includes('"unhealthy"')) {
            throw new Error(`exit code ${code}\n${stdout}${stderr}`);
          }
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, runSome));
  });
  expect(failures).toEqual([]);
});
