import { afterAll, beforeAll, expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";

const serving = "trap exit TERM; while :; do sleep 0.1; done";

let shop: Project;

beforeAll(async () => {
  shop = await createProject("services: { base: { build: base } }\n");
  await shop.write("base/Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await shop.write("all.env", "# for each service\nLEVEL=debug\nREGION='eu $ west'\n");
  await shop.write("front.env", "export LEVEL=info\nSHOP_TOKEN=from-a-file-of-variables\n");
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a service gets its variables, names, addresses, and limits from keys of Compose", async () => {
  await shop.configure(`services:
  front_end:
    build: base
    env_file: [all.env, front.env]
    environment: { COLOR: blue }
    hostname: front.local
    extra_hosts: ["db.local:10.1.2.3", "here=host-gateway"]
    working_dir: /usr/share
    ulimits: { nofile: { soft: 123, hard: 456 }, core: 0 }
    container_name: front
    logging: { driver: json-file }
    command:
      - sh
      - -c
      - hostname; pwd; ulimit -Sn; ulimit -Hn; getent hosts db.local; getent hosts here; echo "$LEVEL $REGION $COLOR"; echo up; ${serving}
    ready: { log: "^up$" }
`);
  const { stderr } = await shop.succeed(["up"]);
  const container = `${shop.name}-front_end`;
  expect(stderr).toContain(`container_name has no effect: the container is ${container}`);
  expect(stderr).toContain("logging has no effect");
  const { stdout } = await shop.succeed(["logs", "front_end"]);
  const lines = stdout.split("\n").map((line) => line.replace(/^front_end +\| /, ""));
  const [hostname, folder, soft, hard, database, here, variables] = lines;
  expect([hostname, folder, soft, hard, variables]).toEqual([
    "front.local",
    "/usr/share",
    "123",
    "456",
    "info eu $ west blue",
  ]);
  expect(database).toMatch(/^10\.1\.2\.3\s+db\.local$/);
  expect(here).toMatch(/^[0-9a-f.:]+\s+here$/);
  const { HostConfig: host } = await (await engineClient()).getContainer(container).inspect();
  expect(host.Ulimits).toContainEqual({ Name: "core", Soft: 0, Hard: 0 });
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  await shop.write("front.env", "LEVEL=warning\n");
  const plan = await shop.dp(["plan", "--exit-code"]);
  expect(plan.code).toBe(3);
  expect(plan.stdout).toContain("~ replace container front_end");
});

test("an unhealthy dependency is reported with the last output of its healthcheck", async () => {
  await shop.configure(`services:
  db:
    build: base
    command: sh -c "${serving}"
    healthcheck: { test: 'echo checking; echo no space left on disk 7; exit 3', interval: 1h }
  web:
    build: base
    command: sh -c "${serving}"
    depends_on: { db: { condition: service_healthy } }
`);
  const result = await shop.dp(["up", "--timeout", "3s", "--json"]);
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure).toMatchObject({ code: "not-ready" });
  expect(JSON.stringify(failure)).toContain("exited with code 3: no space left on disk 7");
  expect(result.stdout).not.toContain('"start:web"');
});

test("a service is built from the stage, the Dockerfile, and the arguments of its settings", async () => {
  await shop.write("certificates.pem", "one authority of this network\n");
  await shop.write("here.txt", "beside pipeline.yaml\n");
  await shop.write(
    "images/tools.Dockerfile",
    `ARG BASE
FROM \${BASE} AS tools
ARG COLOR
COPY here.txt /here.txt
RUN echo "color $COLOR" > /built.txt && cat "$SSL_CERT_FILE" "$PIP_CERT" >> /built.txt
FROM tools
RUN exit 9
`,
  );
  const build = (color: string) => `services:
  web:
    build:
      dockerfile: images/tools.Dockerfile
      target: tools
      args: { COLOR: ${color} }
    command: [sh, -c, 'cat /built.txt /here.txt; echo "left: $SSL_CERT_FILE"; ${serving}']
    ready: { log: "^left" }
`;
  const env = { SSL_CERT_FILE: `${shop.folder}/certificates.pem` };
  await shop.configure(build("blue"));
  await shop.succeed(["up"], { env });
  const { stdout } = await shop.succeed(["logs", "web"]);
  expect(stdout.split("\n").map((line) => line.replace(/^web +\| /, ""))).toEqual([
    "color blue",
    "one authority of this network",
    "one authority of this network",
    "beside pipeline.yaml",
    "left: ",
    "",
  ]);
  expect((await shop.dp(["plan", "--exit-code"], { env })).code).toBe(0);
  await shop.configure(build("green"));
  const plan = await shop.dp(["plan", "--exit-code"], { env });
  expect(plan.stdout).toContain("~ replace container web");
  await shop.succeed(["up"], { env });
  expect((await shop.succeed(["logs", "web"])).stdout).toContain("color green");
  const filters = { label: [`dp.image.project=${shop.name}`, "dp.image.service=web"] };
  const images = await (await engineClient()).listImages({ filters });
  expect(images.map(({ RepoTags: tags }) => tags?.length)).toEqual([1]);
});
