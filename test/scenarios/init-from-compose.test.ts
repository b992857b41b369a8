import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, type Project } from "../support/project.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures", "compose");

interface Move {
  /** A folder of test/fixtures/compose. */
  readonly fixture: string;
  readonly composeFile: string;
  /** What its report asks for. */
  readonly dotenv?: string;
}

/** Copies a project of Compose, converts it, and starts the result. */
async function moveProject({ fixture, composeFile, dotenv = "" }: Move): Promise<Project> {
  const project = await createProject("");
  await rm(project.file);
  await cp(join(fixtures, fixture), project.folder, { recursive: true });
  await project.succeed(["init", "--from", composeFile, "--project", project.name]);
  await project.write(".env", dotenv);
  const valid = await project.succeed(["validate"]);
  expect(valid.stdout).toBe(`✓ ${project.file} is valid\n`);
  await project.succeed(["up"]);
  return project;
}

async function logOf(project: Project, service: string): Promise<string[]> {
  const { stdout } = await project.succeed(["logs", service]);
  return stdout.split("\n").map((line) => line.replace(/^\S+ +\| /, ""));
}

async function topicsOf(project: Project): Promise<string[]> {
  const { stdout } = await project.succeed(["topic", "list", "--json"]);
  const { topics } = JSON.parse(stdout) as {
    topics: readonly { name: string; partitions: number }[];
  };
  return topics.map(({ name, partitions }) => `${name} ${partitions}`);
}

test("a Compose file with errors, and a result that is not valid, write nothing", async () => {
  await using project = await createProject("");
  await project.write("compose.yaml", "services: { web: { image: x, depends_on: [web] } }\n");
  const refused = await project.dp(["init", "--from", "compose.yaml"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`${project.file} already exists`);
  await rm(project.file);
  const cycle = await project.dp(["init", "--from", "compose.yaml"]);
  expect(cycle.code).toBe(2);
  expect(cycle.stdout).toContain(
    "compose.yaml:1:43  error  services wait for each other in a cycle",
  );
  await project.write("compose.yaml", 'services: { web: { image: x, ports: ["http"] } }\n');
  const invalid = await project.dp(["init", "--from", "compose.yaml"]);
  expect(invalid.code).toBe(2);
  expect(invalid.stdout).toContain('error  "http"');
  expect(invalid.stdout).toContain("pipeline.yaml is not written");
  expect(await readdir(project.folder)).toEqual(["compose.yaml"]);
});

test("ZooKeeper, a broker with KAFKA_CREATE_TOPICS, and a service that knows its old address", async () => {
  await using project = await moveProject({
    fixture: "create-topics",
    composeFile: "docker-compose.yml",
  });
  expect(await logOf(project, "crawler")).toContain("connected to broker:9092");
  expect(await topicsOf(project)).toEqual(["quotes 2", "quotes.last 1"]);
});

test("three brokers, topics of a container that ends, and a service that waits for it", async () => {
  await using project = await moveProject({
    fixture: "three-brokers",
    composeFile: "compose.yaml",
  });
  expect(await logOf(project, "mqtt_bridge")).toEqual(
    expect.arrayContaining([
      "connected to kafka-1:29092",
      "connected to kafka-2:29093",
      "connected to kafka-3:29094",
    ]),
  );
  expect(await topicsOf(project)).toEqual(["plant.alarms 6", "plant.last 1", "plant.sensors 6"]);
});

test("Postgres with a table, Redis, and a bucket of MinIO, with passwords in .env", async () => {
  await using project = await moveProject({
    fixture: "stores",
    composeFile: "docker-compose.yml",
    dotenv: "POSTGRES_PASSWORD=shop-4711-pw\nREDIS_PASSWORD=cache-4711-pw\n",
  });
  expect(await logOf(project, "check")).toEqual(
    expect.arrayContaining([
      "connected to shop-db:5432",
      "connected to cache:6379",
      "connected to minio:5000",
    ]),
  );
  const { stdout } = await project.succeed([
    "exec",
    "shop-db",
    "--",
    "psql",
    "-U",
    "shop",
    "orders",
    "-c",
    "\\dt",
  ]);
  expect(stdout).toContain("orders");
});

test("Airflow of the official Compose file, and a broker in KRaft mode", async () => {
  await using project = await moveProject({
    fixture: "official",
    composeFile: "docker-compose.yaml",
  });
  expect(await topicsOf(project)).toEqual(["users.clean 1", "users.raw 3"]);
  const { stdout } = await project.succeed(["pipeline", "list", "--json"]);
  expect(stdout).toContain('"hello"');
});
