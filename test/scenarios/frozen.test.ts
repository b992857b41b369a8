import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusDocument } from "../../src/app/status/document.ts";
import { pauseContainer } from "../support/pause.ts";
import { createProject, type Project } from "../support/project.ts";

const yaml = `zookeeper:
kafka: { brokers: 1 }
topics: { orders: }
stores: { cache: { type: redis } }
`;
const services = ["kafka-1", "zookeeper-1", "cache"];
/** The case that is tested: what is silent for so long has not failed. */
const frozenMs = 2000;

let shop: Project;

beforeAll(async () => {
  shop = await createProject(yaml);
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "produce", "orders"], { input: "one\n" });
});

afterAll(() => shop[Symbol.asyncDispose]());

const containers = (): string[] => services.map((service) => `${shop.name}-${service}`);

interface Freeze {
  readonly freeze: () => Promise<unknown>;
  readonly thaw: () => Promise<unknown>;
}

/** Of one the engine knows, the other one looks like a machine that is too busy. */
const freezes: readonly (readonly [string, Freeze])[] = [
  [
    "paused by the engine",
    {
      freeze: () => Promise.all(containers().map(pauseContainer)),
      thaw: () => execa("docker", ["unpause", ...containers()]),
    },
  ],
  [
    "stopped by SIGSTOP",
    {
      freeze: () => execa("docker", ["kill", "--signal", "STOP", ...containers()]),
      thaw: () => execa("docker", ["kill", "--signal", "CONT", ...containers()]),
    },
  ],
];

const commands = [
  ["health"],
  ["status", "--json"],
  ["wait"],
  ["smoke", "--only", "brokers,acks,zookeeper,stores"],
  ["topic", "tail", "orders", "--offset", "start", "--end"],
];

test.each(freezes)(
  "broker, ZooKeeper and store that are %s for 2 s fail no command: exit 0",
  async (_, { freeze, thaw }) => {
    await freeze();
    const running = commands.map((command) => shop.dp(command));
    await sleep(frozenMs);
    await thaw();
    const results = await Promise.all(running);
    const said = results.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(
      results.map(({ code }) => code),
      said,
    ).toEqual(commands.map(() => 0));
  },
);

test("status reports containers that dp stopped as stopped, not as failed", async () => {
  await shop.succeed(["stop"]);
  const { stdout } = await shop.succeed(["status", "--json"]);
  const { services: lines } = JSON.parse(stdout) as StatusDocument;
  expect(lines.map(({ service, state, reason }) => ({ service, state, reason }))).toEqual(
    ["cache", "kafka-1", "zookeeper-1"].map((service) => ({
      service,
      state: "exited",
      reason: "stopped (dp start)",
    })),
  );
  const { code, stdout: health } = await shop.dp(["health"]);
  expect(code).toBe(10);
  expect(health).not.toMatch(/code \d+|FATAL|ERROR/);
});
