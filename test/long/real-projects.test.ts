import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { until } from "../support/until.ts";

/*
 * Projects as people have them, with a pipeline.yaml: the Python is what runs elsewhere, too. They install
 * packages from registries.
 */

/** Packages are downloaded and compiled to bytecode. */
const installing = { timeoutMs: 1_800_000 };

/** A project whose files are those of a folder of test/support/real-projects. */
async function projectFrom(folder: string): Promise<Project> {
  const source = join(import.meta.dirname, "..", "support", "real-projects", folder);
  const project = await createProject("");
  await cp(source, project.folder, { recursive: true });
  await project.configure(await readFile(join(source, "pipeline.yaml"), "utf8"));
  return project;
}

async function sql(shop: Project, store: string, query: string): Promise<string> {
  const psql = ["psql", "-U", "dp", "-d", store, "-tAc", query];
  return (await execa("docker", ["exec", `${shop.name}-${store}`, ...psql])).stdout.trim();
}

test("users of an API go through pandas and Kafka into Postgres by a TaskFlow DAG", async () => {
  await using shop = await projectFrom("users");
  await shop.succeed(["up"], installing);
  const run = await shop.succeed(["pipeline", "run", "users"]);
  expect(run.stdout + run.stderr).not.toContain("Traceback");
  // Of 60 answers, 50 have an e-mail address of their own, and two of these have no name.
  const loaded = "select count(*), min(signed_up) from users";
  expect(await sql(shop, "warehouse", loaded)).toBe("48|2026-10-01");
  const tail = ["topic", "tail", "users_created", "-o", "start", "-e", "--format", "%k\n"];
  const keys = (await shop.succeed(tail)).stdout.trim().split("\n");
  // Airflow itself starts the first run of a daily DAG, beside the run of the command.
  expect(new Set(keys).size).toBe(48);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("trips in Parquet and zones in CSV are loaded and summed up with SQL", async () => {
  await using shop = await projectFrom("trips");
  await shop.succeed(["up"], installing);
  const run = await shop.succeed(["pipeline", "run", "trips"]);
  expect(run.stdout + run.stderr).not.toContain("Traceback");
  // Four of 40 trips have no minutes, and one is too short.
  const totals = "select sum(trips), sum(fares), max(name) from per_zone";
  expect(await sql(shop, "warehouse", totals)).toBe("35|855.00|Station, north");
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("clicks go from an endless producer to Postgres, Redis, and dead letters", async () => {
  await using shop = await projectFrom("clicks");
  await shop.succeed(["up"], installing);
  const counts = async (): Promise<[number, number]> => {
    const loaded = await sql(shop, "shop", "select count(*) from clicks");
    const container = `${shop.name}-counters`;
    const { stdout } = await execa("docker", [
      "exec",
      container,
      "redis-cli",
      "get",
      "clicks:dead",
    ]);
    return [Number(loaded), Number(stdout)];
  };
  await until(async () => (await counts()).every((count) => count > 20), 120_000);
  await shop.succeed(["restart", "kafka"]);
  const [before] = await counts();
  await until(async () => (await counts())[0] > before + 20, 120_000);
  await shop.succeed(["smoke"]);
  const services = (await containersOf(shop.name)).filter(({ service }) => /click/.test(service));
  expect(services.map(({ state }) => state)).toEqual(["running", "running"]);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});
