import { networkNames } from "../../src/stack/names.ts";
import { expect, test } from "vitest";
import { describeDifference, partsOf } from "../../src/stack/fingerprint.ts";
import type { ContainerSpec } from "../../src/model/containers.ts";
import { parseProperties } from "../../src/stack/properties.ts";
import { containersOf, readinessOf } from "../../src/stack/services.ts";
import {
  airflow,
  api,
  lake,
  sessions,
  settledOf,
  specsOf,
  stackOf,
  warehouse,
} from "./stack-case.ts";

type Wish = Parameters<typeof stackOf>[0];

const specOf = (wish: Wish, service: string): ContainerSpec =>
  specsOf(wish).find((spec) => spec.service === service)!;
/** What Airflow reads from a file of secrets. */
const secretsOf = ({ files }: ContainerSpec, name: string): Record<string, unknown> => {
  const file = files.find(({ path }) => path === `/etc/dp/${name}.json`);
  return JSON.parse(file?.content ?? "") as Record<string, unknown>;
};
const shop = { brokers: 2, airflow, stores: [warehouse], services: [api] };

test("Airflow must find Kafka and the stores, by variables and by connections", () => {
  const spec = specOf(shop, "airflow");
  const url = "postgresql://dp:s3cret@warehouse:5432/warehouse";
  expect(spec.environment).toMatchObject({
    KAFKA_BOOTSTRAP_SERVERS: "kafka-1:9092,kafka-2:9092",
    WAREHOUSE_URL: url,
  });
  const kafka = {
    "bootstrap.servers": "kafka-1:9092,kafka-2:9092",
    "group.id": "dp.shop.airflow",
    "auto.offset.reset": "earliest",
  };
  const postgres = {
    conn_type: "postgres",
    host: "warehouse",
    port: 5432,
    schema: "warehouse",
    login: "dp",
    password: "s3cret",
  };
  expect(secretsOf(spec, "connections")).toEqual({
    fs_default: { conn_type: "fs", extra: '{"path":"/"}' },
    kafka_default: { conn_type: "kafka", extra: JSON.stringify(kafka) },
    postgres_default: postgres,
    warehouse: postgres,
  });
});

test("a default connection has one possible target, and pipeline.yaml wins", () => {
  const second = { ...warehouse, name: "order-db" };
  const stores = [warehouse, second, sessions, lake];
  const connections = { kafka_default: "kafka://other", shop_api: "http://shop-api:8080" };
  const environment = { AIRFLOW_CONN_AWS_DEFAULT: "aws://" };
  const own = { ...airflow, connections, environment, variables: { region: "eu" } };
  const spec = specOf({ ...shop, stores, airflow: own }, "airflow");
  const written = secretsOf(spec, "connections");
  expect(Object.keys(written)).toEqual([
    "fs_default",
    "kafka_default",
    "redis_default",
    "warehouse",
    "order_db",
    "sessions",
    "lake",
    "shop_api",
  ]);
  expect(written).toMatchObject(connections);
  expect(secretsOf(spec, "variables")).toEqual({ region: "eu" });
});

test("connections and variables are in files of Airflow's user, and in no label", () => {
  const connections = { api: { conn_type: "http", password: "hunter2hunter2" } };
  const variables = { token: "hunter2hunter2" };
  const spec = specOf({ ...shop, airflow: { ...airflow, connections, variables } }, "airflow");
  const files = spec.files.filter(({ path }) => path.endsWith(".json"));
  expect(files).toMatchObject([
    { path: "/etc/dp/connections.json", mode: 0o600, owner: { uid: 50_000, gid: 0 } },
    { path: "/etc/dp/variables.json", mode: 0o600, owner: { uid: 50_000, gid: 0 } },
  ]);
  expect(JSON.stringify([spec.environment, partsOf(spec)])).not.toContain("hunter2");
  const before = specOf(
    { ...shop, airflow: { ...airflow, variables: { token: "old" } } },
    "airflow",
  );
  expect(describeDifference(partsOf(before), partsOf(spec))).toBe(
    "connections.json: api added; variables.json: token changed",
  );
});

test("Airflow's keys must be the same from run to run, and others for another stack", () => {
  const keysOf = (name: string): (string | undefined)[] => {
    const [spec] = containersOf(settledOf({ ...stackOf({ brokers: 0, airflow }), name }));
    return ["CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET"].map(
      (key) => spec?.environment[`AIRFLOW__${key}`],
    );
  };
  const keys = keysOf("shop");
  expect(keysOf("shop")).toEqual(keys);
  expect(new Set([...keys, ...keysOf("other")]).size).toBe(6);
  // Fernet: 32 bytes, URL-safe base64 with padding.
  expect(keys[0]).toMatch(/^[\w-]{43}=$/);
});

test("what the file says of Airflow's environment must win", () => {
  const environment = { AIRFLOW__CORE__PARALLELISM: "1", WAREHOUSE_URL: "elsewhere" };
  const spec = specOf({ ...shop, airflow: { ...airflow, environment } }, "airflow");
  expect(spec.environment).toMatchObject(environment);
});

test("Airflow must be started by dp's own program, or by its own command", () => {
  const fast = specOf(shop, "airflow");
  expect(fast.command).toEqual(["python", "/etc/dp/dpstart.py"]);
  expect(fast.files).toContainEqual({ path: "/etc/dp/dpstart.py", content: "print('start')\n" });
  const own = specOf({ ...shop, airflow: { ...airflow, start: "standalone" } }, "airflow");
  expect(own.command).toEqual(["airflow", "standalone"]);
  expect(own.files.map(({ path }) => path)).not.toContain("/etc/dp/dpstart.py");
});

test("a store must get its settings as parameters, and its init files in their order, once", () => {
  const stores = [{ ...warehouse, config: { wal_level: "logical", max_connections: "20" } }];
  const spec = specOf({ brokers: 0, stores }, "warehouse");
  const settings = ["-c", "wal_level=logical", "-c", "max_connections=20"];
  expect(spec.command).toEqual(["postgres", ...settings]);
  expect(specOf(shop, "warehouse").command).toEqual([]);
  expect(spec.files).toEqual([
    {
      path: "/docker-entrypoint-initdb.d/001-schema.sql",
      content: "create table orders ();\n",
      once: true,
    },
  ]);
});

test("Redis must get its settings as a file, whose directives count one by one", () => {
  const password = 'a "b" \\c';
  const stores = [{ ...sessions, password, config: { save: "", maxmemory: "100mb" } }];
  const spec = specOf({ brokers: 0, stores }, "sessions");
  expect(spec.command).toEqual(["redis-server", "/etc/dp/redis.conf"]);
  expect(spec.files[0]?.content).toBe(
    `protected-mode no
appendonly yes
requirepass "a \\"b\\" \\\\c"
save ""
maxmemory 100mb
`,
  );
  const other = specOf({ brokers: 0, stores: [{ ...sessions, password }] }, "sessions");
  expect(describeDifference(partsOf(other), partsOf(spec))).toBe(
    "redis.conf: maxmemory, save added",
  );
  expect(JSON.stringify(partsOf(spec))).not.toContain('"b"');
});

test("each type of store must be found by Airflow, by services and by readiness", () => {
  const stores = [{ ...sessions, password: "p@ss" }, lake];
  const uses = { CACHE: "{{ sessions.url }}", FILES: "{{ lake.url }}" };
  const wish = { brokers: 0, airflow, stores, services: [{ ...api, environment: uses }] };
  const redisUrl = "redis://:p%40ss@sessions:6379/0";
  expect(specOf(wish, "shop-api").environment).toEqual({
    CACHE: redisUrl,
    FILES: "http://lake:5000",
  });
  const spec = specOf(wish, "airflow");
  expect(spec.environment).toMatchObject({
    SESSIONS_URL: redisUrl,
    LAKE_URL: "http://lake:5000",
    AWS_ENDPOINT_URL_S3: "http://lake:5000",
  });
  const redis = { conn_type: "redis", host: "sessions", port: 6379, password: "p@ss" };
  const aws = {
    conn_type: "aws",
    extra: '{"endpoint_url":"http://lake:5000","region_name":"us-east-1"}',
  };
  expect(secretsOf(spec, "connections")).toMatchObject({
    redis_default: redis,
    sessions: redis,
    aws_default: aws,
    lake: aws,
  });
  const probes = readinessOf(settledOf(stackOf({ ...wish, zookeeper: false }))).map(
    ({ probe }) => probe,
  );
  const host = "127.0.0.1";
  expect(probes).toContainEqual({
    kind: "redis",
    address: { host, port: 6379 },
    password: "p@ss",
  });
  expect(probes).toContainEqual({
    kind: "s3",
    address: { host, port: 9000 },
    buckets: ["raw-files"],
  });
});

test("a service must get addresses filled in, and other braces as they are", () => {
  const service = {
    ...api,
    command: ["serve", "{{kafka.bootstrap}}"],
    environment: { STORE: "<{{ warehouse.url }}>", OTHER: "{{ nothing.url }} {{ x }}" },
  };
  const spec = specOf({ ...shop, services: [service] }, "shop-api");
  expect(spec.command).toEqual(["serve", "kafka-1:9092,kafka-2:9092"]);
  expect(spec.environment).toEqual({
    STORE: "<postgresql://dp:s3cret@warehouse:5432/warehouse>",
    OTHER: "{{ nothing.url }} {{ x }}",
  });
});

test("a service's volumes must bear its name, and its binds their paths", () => {
  const volumes = [
    { kind: "volume", name: "cache", target: "/cache" },
    { kind: "bind", source: "/shop/conf", target: "/conf", readOnly: true },
  ] as const;
  const spec = specOf({ ...shop, services: [{ ...api, volumes }] }, "shop-api");
  expect(spec.volumes).toEqual([{ name: "shop-shop-api-cache", target: "/cache" }]);
  expect(spec.binds).toEqual([{ source: "/shop/conf", target: "/conf", readOnly: true }]);
});

test("each kind of ready check must be asked where the port is published, or of the container", () => {
  const ports = [
    { containerPort: 80, hostIp: "0.0.0.0", host: 8001 },
    { containerPort: 81, hostIp: "127.0.0.2", host: 8002 },
  ];
  const probeOf = (ready: typeof api.ready) => {
    const services = [{ ...api, ports, ready }];
    return readinessOf(settledOf(stackOf({ zookeeper: false, brokers: 0, services })))[0]?.probe;
  };
  const container = "shop-shop-api";
  expect(probeOf({ kind: "http", port: 80, path: "/x", status: 204 })).toEqual({
    kind: "http",
    address: { host: "127.0.0.1", port: 8001 },
    path: "/x",
    status: 204,
  });
  const address = { host: "127.0.0.2", port: 8002 };
  expect(probeOf({ kind: "tcp", port: 81 })).toEqual({
    kind: "tcp",
    address,
    container,
    containerPort: 81,
  });
  const exec = { kind: "exec", command: ["true"] } as const;
  expect(probeOf(exec)).toEqual({ ...exec, container });
  const log = { kind: "log", pattern: "up" } as const;
  expect(probeOf(log)).toEqual({ ...log, container });
  expect(probeOf(undefined)).toEqual({ kind: "running", container });
  expect(() => probeOf({ kind: "tcp", port: 82 })).toThrow(/82 .*not published/);
});

const propertiesOf = (spec: ContainerSpec): Record<string, string> =>
  parseProperties(spec.files[0]?.content ?? "");

test("nodes of an ensemble must share one list of members, and each know its own number", () => {
  const specs = specsOf({ nodes: 3, brokers: 1 });
  const nodes = specs.filter(({ kind }) => kind === "zookeeper");
  for (const [index, node] of nodes.entries()) {
    expect(propertiesOf(node)).toMatchObject({
      "server.1": "zookeeper-1:2888:3888",
      "server.2": "zookeeper-2:2888:3888",
      "server.3": "zookeeper-3:2888:3888",
    });
    const myid = { path: "/var/lib/kafka/data/myid", content: `${index + 1}\n` };
    expect(node.files.slice(1)).toEqual([myid]);
    expect(node.volumes).toEqual([
      { name: `shop-zookeeper-${index + 1}-data`, target: "/var/lib/kafka/data" },
    ]);
  }
  expect(propertiesOf(specOf({ nodes: 3 }, "kafka-1"))["zookeeper.connect"]).toBe(
    "zookeeper-1:2181,zookeeper-2:2181,zookeeper-3:2181",
  );
  expect(propertiesOf(specOf({}, "zookeeper-1"))).not.toHaveProperty("server.1");
});

test("KRaft nodes beyond the controllers must be brokers only, with the same voters", () => {
  const wish = { zookeeper: false, brokers: 4 };
  const controller = propertiesOf(specOf(wish, "kafka-3"));
  const broker = propertiesOf(specOf(wish, "kafka-4"));
  expect(controller["process.roles"]).toBe("broker,controller");
  expect(broker["process.roles"]).toBe("broker");
  expect(broker["controller.quorum.voters"]).toBe("1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093");
  expect(broker["controller.quorum.voters"]).toBe(controller["controller.quorum.voters"]);
  expect(controller["listeners"]).toContain("CONTROLLER://");
  expect(broker["listeners"]).not.toContain("CONTROLLER://");
});

function listenersOf({ files }: ContainerSpec): readonly (string | undefined)[] {
  const properties = parseProperties(files[0]?.content ?? "");
  const keys = ["listeners", "listener.security.protocol.map", "advertised.listeners"];
  return keys.map((key) => properties[key]);
}

test("brokers without an alias have the listeners of older stacks", () => {
  expect(listenersOf(specOf({}, "kafka-1"))).toEqual([
    "INTERNAL://:9092,EXTERNAL://:19092",
    "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT",
    "INTERNAL://kafka-1:9092,EXTERNAL://127.0.0.1:9092",
  ]);
  const kraft = { zookeeper: false, brokers: 4 };
  expect(listenersOf(specOf(kraft, "kafka-1"))).toEqual([
    "INTERNAL://:9092,EXTERNAL://:19092,CONTROLLER://:9093",
    "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "INTERNAL://kafka-1:9092,EXTERNAL://127.0.0.1:9092",
  ]);
  expect(listenersOf(specOf(kraft, "kafka-4"))).toEqual([
    "INTERNAL://:9092,EXTERNAL://:19092",
    "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "INTERNAL://kafka-4:9092,EXTERNAL://127.0.0.1:12092",
  ]);
});

test("each port of an alias is one listener, advertised with the broker's own name", () => {
  const aliases = [
    { name: "broker", port: 29092 },
    { name: "kafka", port: 29092 },
    { name: "broker", port: 9092 },
    { name: "bus", port: 9094 },
  ];
  const spec = specOf({ brokers: 2, aliases }, "kafka-2");
  expect(listenersOf(spec)).toEqual([
    "INTERNAL://:9092,EXTERNAL://:19092,ALIAS_9094://:9094,ALIAS_29092://:29092",
    "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,ALIAS_9094:PLAINTEXT,ALIAS_29092:PLAINTEXT",
    "INTERNAL://kafka-2:9092,EXTERNAL://127.0.0.1:10092,ALIAS_9094://kafka-2:9094,ALIAS_29092://kafka-2:29092",
  ]);
  expect(networkNames(spec)).toEqual(["kafka-2", "kafka", "broker", "bus"]);
});

test("only names from pipeline.yaml are a part of a container", () => {
  expect(networkNames(specOf({ nodes: 3 }, "zookeeper-2"))).toEqual(["zookeeper-2", "zookeeper"]);
  expect(networkNames(specOf(shop, "airflow"))).toEqual(["airflow"]);
  expect(partsOf(specOf({}, "kafka-1"))).not.toHaveProperty("aliases");
  const aliases = [{ name: "broker", port: 9092 }];
  expect(partsOf(specOf({ aliases }, "kafka-1"))).toHaveProperty("aliases");
});

test("names, addresses, and limits of a service are parts of its container where they are set", () => {
  const keys = ["hostname", "working_dir", "extra_hosts", "ulimits"];
  const partsWith = (service: Partial<typeof api>): string[] =>
    Object.keys(partsOf(specOf({ services: [{ ...api, ...service }] }, "shop-api")));
  expect(partsWith({}).filter((key) => keys.includes(key))).toEqual([]);
  const parts = partsWith({
    hostname: "front",
    workingDir: "/srv",
    extraHosts: [{ name: "db", address: "10.0.0.5" }],
    ulimits: [{ name: "nofile", soft: 1024, hard: -1 }],
  });
  expect(parts).toEqual(expect.arrayContaining(keys));
});
