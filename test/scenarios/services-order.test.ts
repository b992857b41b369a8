import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SmokeDocument } from "../../src/smoke/model.ts";
import { containersOf, engineClient, identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";

const stay = "trap exit TERM; while :; do sleep 0.1; done";

/** Each service fails unless those that it depends on have come as far as it says. */
function shopServices(image: string, step = "1"): string {
  return `services:
  web:
    image: ${image}
    entrypoint: [sh, -c]
    command: ["test -e /shared/migrated && echo serving; ${stay}"]
    depends_on: { migrate: { condition: service_completed_successfully }, flaky: { condition: service_started } }
    ready: { log: "^serving$" }
    volumes: ["./shared:/shared:ro"]
  migrate:
    image: ${image}
    command: sh -c "test -e /shared/up || exit 9; sleep 0.5; touch /shared/migrated"
    environment: { STEP: "${step}" }
    restart: "no"
    depends_on: { db: { condition: service_healthy } }
    volumes: ["./shared:/shared"]
  db:
    image: ${image}
    command: sh -c "sleep 0.5; touch /shared/up; ${stay}"
    healthcheck: { test: test -e /shared/up, interval: 1h, retries: 7 }
    user: "0:0"
    mem_limit: 64m
    cpus: 0.5
    volumes: ["./shared:/shared"]
  flaky:
    image: ${image}
    command: sh -c "test -e /tmp/twice && { echo up; ${stay}; }; test -e /tmp/once && touch /tmp/twice; touch /tmp/once; exit 1"
    restart: on-failure:5
    ready: { log: "^up$" }
`;
}

let shop: Project;
let image: string;

beforeAll(async () => {
  shop = await createProject("services: { base: { build: base } }\n");
  await shop.write("base/Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await shop.write("shared/readme", "");
  await shop.succeed(["images", "build"]);
  const { stdout } = await shop.succeed(["images", "list", "--json"]);
  image = (JSON.parse(stdout) as { images: { image: string }[] }).images[0]?.image ?? "";
});

afterAll(() => shop[Symbol.asyncDispose]());

test.concurrent("services must start as far apart as they say, and a one-shot run once while it is unchanged", async ({
  expect,
}) => {
  await shop.configure(shopServices(image));
  await shop.succeed(["up"]);
  const inspect = async (service: string) =>
    (await engineClient()).getContainer(`${shop.name}-${service}`).inspect();
  const { Config: config, HostConfig: host } = await inspect("db");
  expect(config.Healthcheck).toMatchObject({
    Test: ["CMD-SHELL", "test -e /shared/up"],
    Interval: 3600 * 1e9,
    Retries: 7,
  });
  expect(config.User).toBe("0:0");
  expect(host).toMatchObject({ Memory: 64 * 1024 * 1024, NanoCpus: 0.5 * 1e9 });
  expect((await inspect("web")).Config.Entrypoint).toEqual(["sh", "-c"]);
  const flaky = await inspect("flaky");
  expect(flaky.HostConfig.RestartPolicy).toEqual({ Name: "on-failure", MaximumRetryCount: 5 });
  expect(flaky.RestartCount).toBe(2);

  const before = await identitiesOf(shop.name);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  await shop.succeed(["up"]);
  expect(await identitiesOf(shop.name)).toEqual(before);
  const { stdout } = await shop.succeed(["status", "--json"]);
  const { services } = JSON.parse(stdout) as { services: Record<string, string>[] };
  expect(services.map(({ service, state, health }) => `${service} ${state} ${health}`)).toEqual([
    "db running healthy",
    "flaky running healthy",
    "migrate completed healthy",
    "web running healthy",
  ]);
  await shop.succeed(["health"]);
  const smoke = async (): Promise<unknown> => {
    const { code, stdout: told } = await shop.dp(["smoke", "--only", "services", "--json"]);
    const { checks } = JSON.parse(told) as SmokeDocument;
    return { code, ...checks[0], durationMs: 0 };
  };
  const proved =
    "db: its command exited with code 0; flaky: its log has ^up$; migrate: completed; web: its log has ^serving$";
  const base = { name: "services", durationMs: 0 };
  expect(await smoke()).toEqual({ ...base, code: 0, verdict: "passed", evidence: proved });
  await rm(join(shop.folder, "shared/up"));
  const missing = "db: its ready command exited with code 1";
  expect(await smoke()).toEqual({ ...base, code: 10, verdict: "failed", evidence: missing });
  await shop.write("shared/up", "");

  await shop.configure(shopServices(image, "2"));
  await shop.succeed(["up"]);
  const { [`${shop.name}-migrate`]: again, ...others } = await identitiesOf(shop.name);
  const { [`${shop.name}-migrate`]: first, ...kept } = before;
  expect(again).not.toBe(first);
  expect(others).toEqual(kept);
  const migrate = (await containersOf(shop.name)).find(({ service }) => service === "migrate");
  expect(migrate).toMatchObject({ state: "exited", exitCode: 0 });
});

test.concurrent.each([
  [
    "a one-shot that fails",
    `command: sh -c "echo Error no such table; exit 3", restart: "no"`,
    "api exited with code 3",
  ],
  [
    "a service that fails whenever it is restarted",
    `command: sh -c "echo Error no such table; exit 3", restart: always, ready: { log: nonsense }`,
    "api exited with code 3 for the 7th time, though it is restarted",
  ],
])(
  "%s must be told with its last lines, be undone, and hold back what needs it: exit 1",
  async (_, keys, message) => {
    await using other = await createProject(
      `services:
  api: { image: ${image}, ${keys} }
  web: { image: ${image}, command: sh -c "${stay}", depends_on: { api: { condition: ${
    keys.includes("always") ? "service_healthy" : "service_completed_successfully"
  } } } }
`,
    );
    const before = await other.snapshot();
    const result = await other.dp(["up", "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result)).toMatchObject({
      code: "exited",
      message,
      why: "Error no such table",
    });
    expect(result.stdout).not.toContain('"start:web"');
    expect(await other.snapshot()).toEqual(before);
  },
);
