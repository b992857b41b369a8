import { expect, test } from "vitest";
import type { ContainerSpec } from "../../src/stack/model.ts";
import { containersOf, readinessOf } from "../../src/stack/services.ts";
import { airflow, api, settledOf, specsOf, stackOf, warehouse } from "./stack-case.ts";

type Wish = Parameters<typeof stackOf>[0];

const specOf = (wish: Wish, service: string): ContainerSpec =>
  specsOf(wish).find((spec) => spec.service === service)!;
const shop = { brokers: 2, airflow, stores: [warehouse], services: [api] };

test("Airflow must find Kafka and the stores, by variables and by connections", () => {
  const { environment } = specOf(shop, "airflow");
  const url = "postgresql://dp:s3cret@warehouse:5432/warehouse";
  expect(environment).toMatchObject({
    KAFKA_BOOTSTRAP_SERVERS: "kafka-1:9092,kafka-2:9092",
    WAREHOUSE_URL: url,
  });
  expect(JSON.parse(environment["AIRFLOW_CONN_KAFKA_DEFAULT"] ?? "")).toEqual({
    conn_type: "kafka",
    extra: { "bootstrap.servers": "kafka-1:9092,kafka-2:9092" },
  });
  expect(JSON.parse(environment["AIRFLOW_CONN_WAREHOUSE"] ?? "")).toMatchObject({
    conn_type: "postgres",
    host: "warehouse",
    login: "dp",
    password: "s3cret",
  });
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
  expect(fast.files).toEqual([{ path: "/etc/dp/dpstart.py", content: "print('start')\n" }]);
  const own = specOf({ ...shop, airflow: { ...airflow, start: "standalone" } }, "airflow");
  expect(own.command).toEqual(["airflow", "standalone"]);
  expect(own.files).toEqual([]);
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
  expect(probeOf({ kind: "tcp", port: 81 })).toEqual({ kind: "tcp", address });
  const exec = { kind: "exec", command: ["true"] } as const;
  expect(probeOf(exec)).toEqual({ ...exec, container });
  const log = { kind: "log", pattern: "up" } as const;
  expect(probeOf(log)).toEqual({ ...log, container });
  expect(probeOf(undefined)).toEqual({ kind: "running", container });
  expect(() => probeOf({ kind: "tcp", port: 82 })).toThrow(/82 .*not published/);
});
