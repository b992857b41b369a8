import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInContainer } from "../../src/docker/exec/exec.ts";
import { engineClient, identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";

const listen = `use IO::Socket::INET; $SIG{TERM} = sub { exit 0 }; $| = 1;
sleep 1; my $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 9) or die $!;
print "listening\\n"; open my $f, ">", "/tmp/up"; close $f; while (1) { my $c = $s->accept or next; sleep 60 }`;

/** Services that need a second until they serve, each with another way to tell. */
function services(image: string): string {
  const command = `command: [perl, -e, ${JSON.stringify(listen)}]`;
  return `services:
  by-port: { image: ${image}, ${command}, ports: ["7000"], ready: { tcp: 7000 } }
  by-command: { image: ${image}, ${command}, ready: { exec: [test, -e, /tmp/up] } }
  by-log: { image: ${image}, ${command}, ready: { log: "^listening$" } }
  silent: { image: ${image}, ${command}, volumes: ["kept:/kept", "./conf:/conf:ro"] }
`;
}

let shop: Project;
let image: string;

beforeAll(async () => {
  shop = await createProject("services: { base: { build: base } }\n");
  await shop.write("base/Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await shop.write("conf/greeting", "hello\n");
  await shop.succeed(["images", "build"]);
  const { stdout } = await shop.succeed(["images", "list", "--json"]);
  image = (JSON.parse(stdout) as { images: { image: string }[] }).images[0]?.image ?? "";
  await shop.configure(services(image));
});

afterAll(() => shop[Symbol.asyncDispose]());

test("each way to tell must be waited for, and be asked again by health: exit 0", async () => {
  await shop.succeed(["up"]);
  const { stdout } = await shop.succeed(["health", "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: Record<string, string>[] };
  expect(checks.map(({ service, check, detail }) => `${service}: ${check} ${detail}`)).toEqual([
    "by-command: container running",
    "by-command: ready its command exited with code 0",
    "by-log: container running",
    "by-log: ready its log has ^listening$",
    "by-port: container running",
    expect.stringMatching(/^by-port: ready listens on 127\.0\.0\.1:\d+$/),
    "silent: container running",
  ]);
});

test("health runs a check's command in a container without a shell", async () => {
  const container = (await engineClient()).getContainer(`${shop.name}-by-command`);
  const command = ["rm", "/bin/sh"];
  const { signal } = new AbortController();
  await runInContainer({ container, command, timeoutMs: 10_000, signal });
  expect((await shop.dp(["health"])).code).toBe(0);
});

test("a service must see its volume and the folder of the host, which it can't write to", async () => {
  const client = await engineClient();
  const container = await client.getContainer(`${shop.name}-silent`).inspect();
  const mounts = container.Mounts.map(
    ({ Type: type, Destination: target, RW: writable }) => `${type} ${target} ${writable}`,
  );
  expect(new Set(mounts)).toEqual(new Set(["bind /conf false", "volume /kept true"]));
  expect((await shop.snapshot()).volumes).toEqual([`${shop.name}-silent-kept`]);
});

test("up again must change nothing", async () => {
  const before = await identitiesOf(shop.name);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  await shop.succeed(["up"]);
  expect(await identitiesOf(shop.name)).toEqual(before);
});

test.each([
  ["tcp", `ports: ["7001"], ready: { tcp: 7001 }`, /port \d+: nothing listens/],
  ["http", `ports: ["7000"], ready: { http: { port: 7000 } }`, /GET \/ on port \d+/],
  ["exec", "ready: { exec: [test, -e, /nowhere] }", /test -e \/nowhere exited with code 1/],
  ["log", "ready: { log: nonsense }", /no line of its log matches nonsense/],
])(
  "a service that never tells by %s must be undone, and what is missing be told: exit 1",
  async (_, ready, why) => {
    await using other = await createProject(
      `services: { api: { image: ${image}, command: [perl, -e, ${JSON.stringify(listen)}], ${ready} } }\n`,
    );
    const before = await other.snapshot();
    const result = await other.dp(["up", "--timeout", "1s", "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result)).toMatchObject({ code: "not-ready" });
    expect(failureOf(result).why).toMatch(why);
    expect(await other.snapshot()).toEqual(before);
    expect(await readFile(join(other.folder, ".dp/.gitignore"), "utf8")).toBe("*\n");
  },
);

test("a secret in a check's command is in no label, message or saved log", async () => {
  const secret = "xGEHEIM";
  const check = 'ready: { exec: ["sh", "-c", "test -e /tmp/${PW} || { echo no ${PW}; exit 3; }"] }';
  const service = (does: string): string =>
    `services: { api: { image: ${image}, command: [sh, -c, "${does}; echo $\${PW}; exec sleep 600"], environment: { PW: "\${PW}" }, stop_grace_period: 1s, ${check} } }\n`;
  await using other = await createProject(service("touch /tmp/$${PW}"));
  const env = { PW: secret };
  await other.succeed(["up"], { env });
  const container = (await engineClient()).getContainer(`${other.name}-api`);
  expect(JSON.stringify((await container.inspect()).Config.Labels)).not.toContain(secret);
  await other.succeed(["health"], { env });
  await runInContainer({
    container,
    command: ["rm", `/tmp/${secret}`],
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });
  const unhealthy = await other.dp(["health"], { env });
  expect(unhealthy).toMatchObject({ code: 10 });
  expect(unhealthy.stdout).toContain("exited with code 3: no ${PW}");
  await other.succeed(["down"], { env });
  await other.configure(service("true"));
  const failed = await other.dp(["up", "--timeout", "1s"], { env });
  expect(failed).toMatchObject({ code: 1 });
  const failures = join(other.folder, ".dp/failures");
  expect((await stat(failures)).mode & 0o777).toBe(0o700);
  const [time = ""] = await readdir(failures);
  const saved = await readdir(join(failures, time));
  expect(saved).toEqual(["api.inspect.json", "api.log"]);
  const texts = [unhealthy.stdout, unhealthy.stderr, failed.stdout, failed.stderr];
  for (const name of saved) {
    const path = join(failures, time, name);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    texts.push(await readFile(path, "utf8"));
  }
  for (const text of texts) expect(text).not.toContain(secret);
  expect(texts.at(-1)).toContain("${PW}");
});
