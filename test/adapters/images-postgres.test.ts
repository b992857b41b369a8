import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { builtImage, runProgram } from "../support/built-image.ts";
import { until } from "../support/until.ts";

const user = "ann";
const password = `p'a "s s\\`;
const database = "Orders of 'today'";
const defaults = { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database };

interface Server {
  /** Puts files into the folder of init files. */
  give(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  start(): Promise<void>;
  /** The result of a statement, through the unix socket that trusts everyone. */
  query(sql: string): Promise<string>;
  docker(verb: string, ...args: readonly string[]): Promise<string>;
  log(): Promise<string>;
  /** Waits for its end; the exit code. */
  exitCode(): Promise<string>;
}

/** A container of the image, not started, with a volume of its own; removed when the test ends. */
async function createServer(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  } = {},
): Promise<Server> {
  const { env = defaults, args = [] } = options;
  const { ref } = await builtImage({ what: "postgres", version: "15" });
  const name = `dp-test-postgres-${randomBytes(4).toString("hex")}`;
  const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  await runProgram("docker", ["create", "--name", name, ...variables, ref, ...args]);
  onTestFinished(async () => {
    await runProgram("docker", ["rm", "--force", "--volumes", name]);
  });
  const docker: Server["docker"] = (verb, ...rest) => runProgram("docker", [verb, name, ...rest]);
  return {
    docker,
    give: async (files) => {
      const folder = await mkdtemp(join(tmpdir(), "dp-postgres-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      for (const [file, content] of Object.entries(files)) {
        await writeFile(join(folder, file), content, { mode: 0o755 });
      }
      await runProgram("docker", ["cp", `${folder}/.`, `${name}:/docker-entrypoint-initdb.d`]);
    },
    start: async () => {
      await docker("start");
      await until(() =>
        docker("exec", "pg_isready", "--host=127.0.0.1").then(
          () => true,
          () => false,
        ),
      );
    },
    query: async (sql) =>
      (await docker("exec", "psql", "-U", user, "-d", database, "-Atc", sql)).trimEnd(),
    log: () => runProgram("sh", ["-c", `docker logs ${name} 2>&1`]),
    exitCode: async () => (await docker("wait")).trim(),
  };
}

/** A statement through TCP, with a password. */
async function queryByPassword(server: Server, given: string): Promise<string> {
  const psql = 'exec psql --host=127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -Atc "$1" 2>&1';
  const shell = ["sh", "-c", `PGPASSWORD=$0; export PGPASSWORD; ${psql}`, given, "select 'in'"];
  return server.docker("exec", ...shell).catch(({ stdout }: { stdout: string }) => stdout);
}

test("init files must run by name, once, in the database that the environment names", async () => {
  const server = await createServer({ args: ["-c", "max_connections=37"] });
  await server.give({
    "01.sql": "CREATE TABLE steps (name text); INSERT INTO steps VALUES ('sql');",
    "02.sql.gz": gzipSync("INSERT INTO steps SELECT 'gz ' || max(name) FROM steps;"),
    "03.sh": "#!/bin/sh\npsql -c \"INSERT INTO steps VALUES ('sh $(id -un)')\"\n",
    "04.txt": "not run",
  });
  await server.start();
  const rows = "SELECT string_agg(name, ', ') FROM steps";
  expect(await server.query(rows)).toBe("sql, gz sql, sh postgres");
  expect(await server.query("SHOW max_connections")).toBe("37");
  await server.query("INSERT INTO steps VALUES ('kept')");
  await server.docker("stop");
  expect(await server.docker("inspect", "--format={{.State.ExitCode}}")).toBe("0\n");
  await server.start();
  expect(await server.query(rows)).toBe("sql, gz sql, sh postgres, kept");
  expect(await server.query("SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper")).toBe(
    user,
  );
});

test("a wrong password must be refused", async () => {
  const server = await createServer();
  await server.start();
  expect(await queryByPassword(server, password)).toBe("in\n");
  expect(await queryByPassword(server, "wrong")).toContain("password authentication failed");
});

test("the server must run as uid 999 and text be sorted as in the official image", async () => {
  const server = await createServer({ env: { POSTGRES_PASSWORD: password } });
  await server.start();
  const ids = "stat --format=%u:%g /proc/1 /var/lib/postgresql/data/PG_VERSION";
  expect(await server.docker("exec", "sh", "-c", ids)).toBe("999:999\n999:999\n");
  const sorted = "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'B', 'a', 'A']) x";
  const psql = ["psql", "-U", "postgres", "-Atc", sorted];
  expect(await server.docker("exec", ...psql)).toBe("aAbB\n");
});

test("a first start that fails must begin anew when the file is mended", async () => {
  const server = await createServer();
  await server.give({ "01.sql": "CREATE TABLE a (x int);", "02.sql": "SELECT 1;\nSELEKT 2;\n" });
  await server.docker("start");
  expect(await server.exitCode()).not.toBe("0");
  expect(await server.log()).toMatch(/02\.sql:2: ERROR: {2}syntax error at or near "SELEKT"/);
  await server.give({ "02.sql": "INSERT INTO a VALUES (2);" });
  await server.start();
  expect(await server.query("SELECT array_agg(x) FROM a")).toBe("{2}");
});

test("a first start that was killed must begin anew", async () => {
  const server = await createServer();
  await server.give({ "01.sql": "CREATE TABLE a (x int);", "02.sql": "SELECT pg_sleep(300);" });
  await server.docker("start");
  await until(async () => (await server.log()).includes("02.sql"));
  await server.docker("kill");
  await server.give({ "02.sql": "INSERT INTO a VALUES (2);" });
  await server.start();
  expect(await server.query("SELECT array_agg(x) FROM a")).toBe("{2}");
});

test("a server without a password must not start", async () => {
  const server = await createServer({ env: {} });
  await server.docker("start");
  expect(await server.exitCode()).toBe("1");
  expect(await server.log()).toBe("POSTGRES_PASSWORD must not be empty\n");
});
