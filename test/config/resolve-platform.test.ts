import { expect, test } from "vitest";
import { ExactNumber } from "../../src/model/exact-number.ts";
import { checkYaml } from "./check-yaml.ts";

const texts = {
  "a.py": "def f(r): ...\n",
  "q.sql": "",
  "i/a.sql": "",
  "i/b.sql": "",
  "api/Dockerfile": "",
};
const folder = "/home/me/My Shop";

function stackOf(text: string, more: Parameters<typeof checkYaml>[1] = {}) {
  const { stack, problems } = checkYaml(text, { texts, ...more });
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!stack) throw new Error("no stack");
  return stack;
}

function stepsOf(steps: string, top = "") {
  const text = `name: shop\ntopics: [a, b, bad]\nstores: { db: }\n${top}pipelines:\n  p:\n${steps}`;
  return stackOf(text).pipelines[0]?.steps ?? [];
}

test("an empty airflow, store and service must have their defaults", () => {
  const stack = stackOf("airflow:\nstores: { my-db: }\nservices: { api: { image: x:1 } }\n");
  expect(stack.airflow).toEqual({
    version: "3.3.2",
    port: 8080,
    image: undefined,
    start: "fast",
    dags: undefined,
    parallelism: 4,
    environment: {},
    volumes: [],
    variables: {},
    connections: {},
    requirements: [],
  });
  expect(stack.stores).toEqual([
    {
      name: "my-db",
      type: "postgres",
      version: "15",
      image: undefined,
      port: 5432,
      database: "my_db",
      user: "dp",
      password: "dp",
      init: [],
      config: {},
      memLimitBytes: undefined,
    },
  ]);
  expect(stack.services).toEqual([
    {
      name: "api",
      source: { kind: "image", ref: "x:1" },
      entrypoint: [],
      command: [],
      environment: {},
      ports: [],
      ready: undefined,
      volumes: [],
      scale: 1,
      startsAfter: [],
      healthcheck: undefined,
      restart: undefined,
      memLimitBytes: undefined,
      cpus: undefined,
      user: undefined,
      hostname: undefined,
      workingDir: undefined,
      extraHosts: [],
      ulimits: [],
      stopGraceMs: 10_000,
    },
  ]);
});

test("each type of store must have its own defaults, and only its own settings", () => {
  const stack = stackOf(
    "stores: { cache: { type: redis }, lake: { type: s3, buckets: raw-files }, my-notes: { type: duckdb } }\n",
  );
  expect(stack.fileStores).toEqual([
    { name: "my-notes", type: "duckdb", path: "/home/me/My Shop/data/my-notes.duckdb" },
  ]);
  const server = { image: undefined, memLimitBytes: undefined };
  expect(stack.stores).toEqual([
    {
      ...server,
      name: "cache",
      type: "redis",
      version: "7",
      port: 6379,
      password: undefined,
      config: {},
    },
    {
      ...server,
      name: "lake",
      type: "s3",
      version: "5.2.3",
      port: 9000,
      buckets: ["raw-files"],
    },
  ]);
});

test("false must mean absent: stores, services, pipelines, steps", () => {
  const stack = stackOf(
    "airflow: false\nstores: { db: false, dc: }\nservices: { api: false }\npipelines: { p: false, q: { steps: { x: false, y: { run: ls } } } }\n",
  );
  expect(stack.airflow).toBeUndefined();
  expect(stack.stores.map(({ name }) => name)).toEqual(["dc"]);
  expect(stack.services).toEqual([]);
  expect(stack.pipelines.map(({ name, steps }) => [name, steps.map(({ id }) => id)])).toEqual([
    ["q", ["y"]],
  ]);
  expect(stackOf("kafka:\nstores: false\nservices: false\npipelines:\n")).toMatchObject({
    stores: [],
    services: [],
    pipelines: [],
  });
});

test("paths must be absolute, versions and values as written", () => {
  const stack = stackOf(
    "airflow: { version: 3.10.0, dags: i, environment: { A: 1.50 } }\nstores: { db: { version: 16.10, init: [i/b.sql, i/a.sql], config: { work_mem: 8MB, a.b: on }, password: 0123, mem_limit: 1g } }\nservices: { api: { build: ./api/ } }\n",
  );
  expect(stack.airflow).toMatchObject({
    version: "3.10.0",
    dags: `${folder}/i`,
    environment: { A: "1.50" },
  });
  expect(stack.stores[0]).toMatchObject({
    version: "16.10",
    init: [`${folder}/i/b.sql`, `${folder}/i/a.sql`],
    config: { work_mem: "8MB", "a.b": "on" },
    password: "0123",
    memLimitBytes: 1024 ** 3,
  });
  const build = { kind: "build", folder: `${folder}/api`, dockerfile: "Dockerfile", args: {} };
  expect(stack.services[0]?.source).toEqual({ ...build, target: undefined });
});

test("commands, ports, volumes and checks of a service must be read from their short forms", () => {
  const [service] = stackOf(
    `services:
  api:
    image: x
    command: sh -c "echo 'a b'"
    environment: { URL: "{{ kafka.bootstrap }}" }
    ports: [8080, 8085:81, "0.0.0.0:8086:82"]
    ready: { http: { port: 81 } }
    volumes: ["data:/data", ./i:/init:ro]
kafka:
`,
  ).services;
  expect(service).toMatchObject({
    command: ["sh", "-c", "echo 'a b'"],
    environment: { URL: "{{ kafka.bootstrap }}" },
    ports: [
      { containerPort: 8080, hostIp: "127.0.0.1", host: "auto" },
      { containerPort: 81, hostIp: "127.0.0.1", host: 8085 },
      { containerPort: 82, hostIp: "0.0.0.0", host: 8086 },
    ],
    ready: { kind: "http", port: 81, path: "/", status: 200 },
    volumes: [
      { kind: "volume", name: "data", target: "/data" },
      { kind: "bind", source: `${folder}/i`, target: "/init", readOnly: true },
    ],
  });
});

test.each([
  ["{ tcp: 80 }", { kind: "tcp", port: 80 }],
  ["{ exec: pg_isready -q }", { kind: "exec", command: ["pg_isready", "-q"] }],
  ["{ exec: [ls, 1] }", { kind: "exec", command: ["ls", "1"] }],
  ["{ log: 'up.*' }", { kind: "log", pattern: "up.*" }],
  [
    "{ http: { port: 80, path: /h, status: 204 } }",
    { kind: "http", port: 80, path: "/h", status: 204 },
  ],
])("ready: %s must be read", (ready, check) => {
  const text = `services: { api: { image: x, ports: ["80"], ready: ${ready} } }`;
  expect(stackOf(text).services[0]?.ready).toEqual(check);
});

test("ports: auto must win over what the file says, in all services", () => {
  const text =
    'airflow:\nstores: { db: { port: 5433 } }\nservices: { api: { image: x, ports: ["0.0.0.0:8085:80"] } }\n';
  const stack = stackOf(text, { ports: "auto" });
  expect([stack.airflow?.port, stack.stores[0]?.port]).toEqual(["auto", "auto"]);
  expect(stack.services[0]?.ports).toEqual([
    { containerPort: 80, hostIp: "0.0.0.0", host: "auto" },
  ]);
});

test("short forms of endpoints must mean what the long ones mean", () => {
  const steps = stepsOf(`    steps:
      one: { from: "http://h:80/o?x=a:b", to: topic:a }
      two: { from: topic:a, transform: ./a.py:f, to: "db:public.t", on_bad_record: topic:bad }
      three: { from: "db:public.t", to: { topic: b, key: id } }
`);
  expect(steps.map(({ work }) => work)).toMatchObject([
    {
      from: { type: "http", url: "http://h:80/o?x=a:b", params: {}, headers: {} },
      to: { type: "topic", topic: "a", key: undefined, delivery: "at_least_once" },
      transform: undefined,
      onBadRecord: { action: "fail" },
      batch: 500,
    },
    {
      from: { type: "topic", topic: "a", group: "dp.shop.p.two" },
      transform: { file: "a.py", function: "f" },
      to: { type: "store", store: "db", table: "public.t", mode: "append", uniqueKey: [] },
      onBadRecord: { action: "topic", topic: "bad" },
    },
    {
      from: { type: "table", store: "db", table: "public.t" },
      to: { type: "topic", topic: "b", key: "id" },
    },
  ]);
});

test("long forms of endpoints must be read with all their keys", () => {
  const steps = stepsOf(`    steps:
      one:
        from: { http: "http://h/o", params: { day: "{{ ds }}", n: 1 }, headers: { A: b }, records: data.items }
        to: { store: db, table: t, unique_key: [a, b] }
        on_bad_record: skip
        batch: 7
      two:
        from: { store: db, query: select 1 }
        to: { store: db, table: u, mode: replace, unique_key: a }
      three:
        from: { topic: a, group: mine }
        to: { topic: b, delivery: exactly_once }
`);
  expect(steps.map(({ work }) => work)).toMatchObject([
    {
      from: { params: { day: "{{ ds }}", n: "1" }, headers: { A: "b" }, records: "data.items" },
      to: { mode: "upsert", uniqueKey: ["a", "b"] },
      onBadRecord: { action: "skip" },
      batch: 7,
    },
    { from: { type: "query", query: "select 1" }, to: { mode: "replace", uniqueKey: ["a"] } },
    { from: { group: "mine" }, to: { delivery: "exactly_once" } },
  ]);
});

test("what runs must be a command, a function or a SQL file", () => {
  const steps = stepsOf(`    steps:
      one: { run: "python x.py | tee y" }
      two: { run: { python: a.py:f } }
      three: { run: { store: db, sql: ./q.sql }, environment: { A: 1 } }
`);
  expect(steps.map(({ work }) => work)).toEqual([
    { kind: "run", run: { type: "command", command: "python x.py | tee y" } },
    { kind: "run", run: { type: "python", file: "a.py", function: "f" } },
    { kind: "run", run: { type: "sql", store: "db", file: "q.sql" } },
  ]);
  expect(steps[2]?.environment).toEqual({ A: "1" });
});

test("a step must wait for the one above it, unless it says otherwise", () => {
  const steps = stepsOf(`    steps:
      one: { run: ls }
      two: { run: ls }
      off: false
      three: { run: ls }
      four: { run: ls, needs: [] }
      five: { run: ls, needs: [one, four] }
`);
  expect(steps.map(({ id, needs }) => [id, needs])).toEqual([
    ["one", []],
    ["two", ["one"]],
    ["three", ["two"]],
    ["four", []],
    ["five", ["one", "four"]],
  ]);
});

test("a step must inherit retries and their delay, and nothing else, from its pipeline", () => {
  const steps = stepsOf(`    retries: 2
    retry_delay: 500ms
    timeout: 1h
    steps:
      one: { run: ls }
      two: { run: ls, retries: 0, retry_delay: 1m, timeout: 30s }
`);
  expect(steps).toMatchObject([
    { retries: 2, retryDelayMs: 500, timeoutMs: undefined },
    { retries: 0, retryDelayMs: 60_000, timeoutMs: 30_000 },
  ]);
});

test("a pipeline must have its defaults, and its params the kinds that YAML gives them", () => {
  const stack = stackOf(
    "airflow:\npipelines:\n  p: { schedule: '*/5  * * * *', params: { a: 2026-01-01, b: 3, c: true, d: 1.5, e: '7', f: false }, steps: { x: { run: ls } } }\n",
  );
  expect(stack.pipelines[0]).toMatchObject({
    name: "p",
    description: undefined,
    tags: [],
    schedule: "*/5 * * * *",
    timezone: "UTC",
    timeoutMs: undefined,
    maxActiveRuns: 1,
    params: { a: "2026-01-01", b: 3, c: true, d: 1.5, e: "7", f: false },
    steps: [{ retries: 0, retryDelayMs: 10_000 }],
  });
});

test("params keep all digits of a number, also in profiles and from variables", () => {
  const text = `pipelines:
  p: { params: { a: 1.10, b: 9007199254740993, c: 0.1234567890123456789, d: 1.5, e: "1.10", f: \${ID} }, steps: { x: { run: ls } } }
profiles: { ci: { pipelines: { p: { params: { a: 2.20 } } } } }
`.replace("${ID}", '"${ID}"');
  const { stack } = checkYaml(text, { profile: "ci", env: { ID: "12345678901234567890" } });
  expect(stack?.pipelines[0]?.params).toEqual({
    a: new ExactNumber("2.20"),
    b: new ExactNumber("9007199254740993"),
    c: new ExactNumber("0.1234567890123456789"),
    d: 1.5,
    e: "1.10",
    f: new ExactNumber("12345678901234567890"),
  });
});

test.each(["1e400", ".inf", "-.inf", ".nan"])("a param can't be %s", (number) => {
  const { problems } = checkYaml(
    `pipelines: { p: { params: { a: ${number} }, steps: { x: { run: ls } } } }`,
  );
  expect(problems[0]?.message).toContain('"a" must be text, a number, true or false, not ');
});

test("the group of a topic step must bear the name that the stack runs under", () => {
  const text =
    "topics: [a, b]\npipelines: { p: { steps: { x: { from: 'topic:a', to: 'topic:b' } } } }";
  const work = stackOf(text, { project: "other" }).pipelines[0]?.steps[0]?.work;
  expect(work).toMatchObject({ from: { group: "dp.other.p.x" } });
});

test("values that came from variables must be known by their paths, those of lists too", () => {
  const text = `stores: { db: { password: "\${PW}", init: ["i/\${NAME}.sql"] } }
services: { api: { image: x, ports: ["\${PORT}:80"], environment: { A: "\${NAME}" }, command: [a, "\${NAME}"] } }
pipelines: { p: { params: { n: "\${PORT}" }, steps: { x: { run: "echo \${NAME}", retries: "\${N}", needs: ["\${NAME}"] }, y: { run: ls, needs: [x] } } } }
`;
  const env = { PW: "secret", NAME: "a", PORT: "8085", N: "2" };
  const { stack, content } = checkYaml(text, { texts, env });
  expect([...(content?.fromVariables ?? [])]).toEqual([
    ["stores.db.password", "${PW}"],
    ["stores.db.init[0]", "i/${NAME}.sql"],
    ["services.api.ports[0]", "${PORT}:80"],
    ["services.api.environment.A", "${NAME}"],
    ["services.api.command[1]", "${NAME}"],
    ["pipelines.p.params.n", "${PORT}"],
    ["pipelines.p.steps.x.run", "echo ${NAME}"],
    ["pipelines.p.steps.x.retries", "${N}"],
    ["pipelines.p.steps.x.needs[0]", "${NAME}"],
  ]);
  expect(stack).toMatchObject({
    stores: [{ password: "secret" }],
    services: [{ ports: [{ host: 8085 }], command: ["a", "a"] }],
    pipelines: [{ params: { n: 8085 }, steps: [{ retries: 2 }, {}] }],
  });
});

test("variables must become fractions, and true and false, where the key wants them", () => {
  const text = `services: { api: { image: x, cpus: "\${CPUS}", healthcheck: { disable: "\${OFF}" } } }
pipelines: { p: { params: { full: "\${FULL}", version: "\${CPUS}" }, steps: { a: { run: ls } } } }
`;
  const { stack, problems } = checkYaml(text, { env: { CPUS: "0.50", OFF: "true", FULL: "true" } });
  expect(problems).toEqual([]);
  expect(stack?.services[0]?.cpus).toBe(0.5);
  expect(stack?.pipelines[0]?.params).toEqual({ full: true, version: "0.50" });
});
