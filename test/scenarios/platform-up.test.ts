import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInContainer } from "../../src/docker/exec/exec.ts";
import { withPostgres, type PostgresLogin } from "../../src/stores/postgres.ts";
import { containersOf, engineClient, identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf } from "../support/run-dp.ts";

/** A web server that the base image can run without a package: perl is essential in Debian. */
const server = `
use IO::Socket::INET;
$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1) or die $!;
while (1) {
  my $client = $server->accept or next;
  <$client>;
  print $client "HTTP/1.0 200 OK\\r\\n\\r\\n$ENV{STORE}";
  close $client;
}
`;
const dockerfile = `ARG BASE=debian:bookworm-slim
FROM \${BASE}
COPY server.pl /
EXPOSE 8080
CMD ["perl", "/server.pl"]
`;
const store = "type: postgres, init: [sql/orders.sql], password: \"s3cret/'x'\"";
const insideUrl = "postgresql://dp:s3cret%2F'x'@warehouse:5432/warehouse";

function platform(warehouse = store): string {
  return `airflow:
stores:
  warehouse: { ${warehouse} }
services:
  api:
    build: api
    ports: ["8080"]
    environment: { STORE: "{{ warehouse.url }}" }
    ready: { http: { port: 8080, path: /, status: 200 } }
`;
}

let shop: Project;

beforeAll(async () => {
  shop = await createProject(platform());
  await shop.write(
    "sql/orders.sql",
    "create table orders (id text); insert into orders values (1);",
  );
  await shop.write("api/Dockerfile", dockerfile);
  await shop.write("api/server.pl", server);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

async function builtImages(): Promise<string[]> {
  const images = await (await engineClient()).listImages();
  return images.flatMap(({ RepoTags: tags }) =>
    (tags ?? []).filter((tag) => tag.startsWith(`dp-${shop.name}-`)),
  );
}

async function addressesOf(project: Project): Promise<Record<string, string>> {
  const { stdout } = await project.succeed(["env", "--json"]);
  return JSON.parse(stdout) as Record<string, string>;
}

async function rowsOf(url: string): Promise<unknown[]> {
  const { hostname: host, port, username: user, password, pathname } = new URL(url);
  const login: PostgresLogin = {
    address: { host, port: Number(port) },
    user,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
  const signal = AbortSignal.timeout(5000);
  const { rows } = await withPostgres({ login, signal, timeoutMs: 2000 }, (client) =>
    client.query<{ id: string }>("select id from orders"),
  );
  return rows;
}

test("status must show each part healthy, and what of Airflow is", async () => {
  const { stdout } = await shop.succeed(["status", "--json"]);
  const { services } = JSON.parse(stdout) as { services: Record<string, unknown>[] };
  expect(services.map(({ service, health, detail }) => [service, health, detail])).toEqual([
    ["airflow", "healthy", "scheduler, dag-processor, api ok"],
    ["api", "healthy", null],
    ["warehouse", "healthy", null],
  ]);
});

test("health must have a check for each component, for the store and for the service: exit 0", async () => {
  const { stdout } = await shop.succeed(["health", "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: { service: string; check: string }[] };
  expect(checks.map(({ service, check }) => `${service} ${check}`)).toEqual([
    "airflow container",
    "airflow scheduler",
    "airflow dag-processor",
    "airflow api",
    "airflow metadatabase",
    "api container",
    "api ready",
    "warehouse container",
    "warehouse answers",
    "airflow dags",
  ]);
});

test("env must give addresses that work, and up must not show the password", async () => {
  const { AIRFLOW_URL: airflow, WAREHOUSE_URL: warehouse } = await addressesOf(shop);
  expect((await fetch(`${airflow}/api/v2/version`)).status).toBe(200);
  expect(await rowsOf(warehouse ?? "")).toEqual([{ id: "1" }]);
  const { stdout } = await shop.succeed(["up", "--json"]);
  expect(stdout).not.toContain("s3cret");
  expect(stdout).toContain("postgresql://dp:***@127.0.0.1:");
});

test("a service must get the address of the store inside the network", async () => {
  const api = (await containersOf(shop.name)).find(({ service }) => service === "api");
  const answer = await fetch(`http://127.0.0.1:${api?.ports[0]?.hostPort}/`);
  expect(await answer.text()).toBe(insideUrl);
});

test("up again must change nothing, whatever became of the init files", async () => {
  const before = await identitiesOf(shop.name);
  await shop.write("sql/orders.sql", "create table orders (id text); create table more (id int);");
  const up = await shop.succeed(["up", "--json"]);
  expect(eventsOf(up).find(({ type }) => type === "plan")?.changes).toBe(0);
  expect(await identitiesOf(shop.name)).toEqual(before);
});

test("a changed folder must make a new image and container, and the old image go", async () => {
  const [old] = await builtImages();
  const before = await identitiesOf(shop.name);
  await shop.write("api/server.pl", `${server}# another\n`);
  await shop.succeed(["up", "api"]);
  const after = await identitiesOf(shop.name);
  const [own, airflow] = [`${shop.name}-api`, `${shop.name}-airflow`];
  expect(after[own]).not.toEqual(before[own]);
  expect(after[airflow]).toEqual(before[airflow]);
  const built = await builtImages();
  expect(built).toHaveLength(1);
  expect(built).not.toContain(old);
});

test("a scheduler that dies ends the container, is reported as the reason, and up starts it again: exit 10", async () => {
  const client = await engineClient();
  const container = client.getContainer(`${shop.name}-airflow`);
  const ended = container.wait();
  const script = `import os, pathlib
for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if path.read_bytes().startswith(b"airflow scheduler"):
        os.kill(int(path.parent.name), 9)`;
  const signal = AbortSignal.timeout(10_000);
  await runInContainer({ container, command: ["python", "-c", script], timeoutMs: 5000, signal });
  await ended;
  const health = await shop.dp(["health", "--json"]);
  expect(health.code).toBe(10);
  const { checks } = JSON.parse(health.stdout) as {
    checks: { service: string; healthy: boolean; detail: string; evidence: string[] }[];
  };
  const [sick, ...others] = checks.filter(({ healthy }) => !healthy);
  expect(others).toEqual([]);
  expect(sick?.service).toBe("airflow");
  expect(sick?.detail).toMatch(/exited with code 137: .*the scheduler .*was ended by SIGKILL/);
  expect(sick?.evidence.at(-1)).toContain("the scheduler");
  expect((await shop.dp(["health"])).stdout).toMatch(/^airflow \| .*SIGKILL/m);
  await shop.succeed(["up"]);
  await shop.succeed(["health"]);
});

// What follows needs no Airflow, whose start takes long.
test("the data must outlive down and up, and the init files must not be run again", async () => {
  await shop.succeed(["down"]);
  await shop.succeed(["up", "warehouse"]);
  expect((await containersOf(shop.name)).map(({ service }) => service)).toEqual(["warehouse"]);
  const { WAREHOUSE_URL: url = "" } = await addressesOf(shop);
  expect(await rowsOf(url)).toEqual([{ id: "1" }]);
  await shop.succeed(["up", "api"]);
});

test("a database that the volume does not have must be refused, and nothing changed: exit 1", async () => {
  const before = await identitiesOf(shop.name);
  await shop.configure(platform(`${store}, database: other`));
  const result = await shop.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "refused" });
  expect(failureOf(result).why).toContain("warehouse was made with another database");
  expect(await identitiesOf(shop.name)).toEqual(before);
  await shop.configure(platform());
});

test("a password that the volume does not know must fail at once, and the old store be back: exit 1", async () => {
  const before = (await containersOf(shop.name)).map(({ id }) => id);
  await shop.configure(platform("type: postgres, init: [sql/orders.sql], password: new"));
  const result = await shop.dp(["up", "warehouse", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "store-failed" });
  expect(failureOf(result).why).toContain("password authentication failed");
  expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(before);
  await shop.configure(platform());
  await shop.succeed(["up", "warehouse"]);
});

test("a build that fails must show the last lines of its step, and change nothing: exit 1", async () => {
  const before = await identitiesOf(shop.name);
  await shop.write("api/Dockerfile", `${dockerfile}RUN echo compiling && false\n`);
  const result = await shop.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.code).toBe("build-failed");
  // A machine with certificates of its own adds steps.
  expect(failure.message).toMatch(
    /^building the image of api failed at step \d+ of \d+: RUN echo compiling && false$/,
  );
  expect(failure.evidence).toContain("compiling");
  expect(await identitiesOf(shop.name)).toEqual(before);
  await shop.write("api/Dockerfile", dockerfile);
});

test("a port of Airflow's that a program holds must be told with its pid, and leave nothing: exit 1", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as AddressInfo;
  await using project = await createProject(`airflow: { port: ${port} }\n`);
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"], { env: { DP_PORTS: undefined } });
  holder.close();
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "port-taken" });
  expect(failureOf(result).why).toContain(`pid ${process.pid}`);
  expect(await project.snapshot()).toEqual(before);
});

test("Ctrl-C while Airflow and a store come up must leave nothing: exit 130", async () => {
  await using project = await createProject("airflow:\nstores: { db: { type: postgres } }\n");
  const before = await project.snapshot();
  const up = project.start(["up", "--json"]);
  await up.event(({ id, state }) => id === "ready:airflow" && state === "start");
  up.kill("SIGINT");
  expect((await up.done).code).toBe(130);
  expect(await project.snapshot()).toEqual(before);
});

test("a service that ends right after its start must fail the run with its last line: exit 1", async () => {
  const image = (await containersOf(shop.name)).find(({ service }) => service === "api")?.imageRef;
  await using project = await createProject(
    `services: { job: { image: "${image}", command: [perl, -e, "die 'no config'"] } }\n`,
  );
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "exited" });
  expect(failureOf(result).evidence.join()).toContain("no config");
  expect(await project.snapshot()).toEqual(before);
});
