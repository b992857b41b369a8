import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRedis, withRedis } from "../../src/stores/redis.ts";
import { checkS3, openS3 } from "../../src/stores/s3.ts";
import { createProject, type Project } from "../support/project.ts";
import { unusedPort } from "../support/unused-port.ts";

const password = 'p@ss "word\\';

const stores = `stores:
  cache: { type: redis, password: '${password}', config: { maxmemory: 64mb } }
  lake: { type: s3, buckets: [raw-files] }
  local-db: { type: duckdb }
pipelines:
  p: { steps: { look: { run: python look.py } } }
`;

/** Speaks to both stores with nothing but Python, by the addresses that a step finds. */
const look = `import os, socket, urllib.parse, urllib.request
cache = urllib.parse.urlsplit(os.environ["CACHE_URL"])
password = urllib.parse.unquote(cache.password)
with socket.create_connection((cache.hostname, cache.port)) as redis:
    for words in ["AUTH", password], ["GET", "greeting"]:
        parts = [f"\${len(word)}\\r\\n{word}\\r\\n" for word in words]
        redis.sendall(f"*{len(words)}\\r\\n{''.join(parts)}".encode())
        print(redis.recv(100))
assert os.environ["LAKE_URL"] == os.environ["AWS_ENDPOINT_URL_S3"]
with urllib.request.urlopen(os.environ["LAKE_URL"]) as answer:
    print("raw-files" in answer.read().decode())
`;

const { signal } = new AbortController();
let project: Project;

beforeAll(async () => {
  project = await createProject(stores);
  await project.write("look.py", look);
  await project.succeed(["up"]);
});

afterAll(() => project[Symbol.asyncDispose]());

async function addresses() {
  const { stdout } = await project.succeed(["env", "--json"]);
  const env = JSON.parse(stdout) as Record<string, string>;
  const [cache, lake] = [new URL(env["CACHE_URL"] ?? ""), new URL(env["LAKE_URL"] ?? "")];
  const addressOf = ({ hostname: host, port }: URL) => ({ host, port: Number(port) });
  return {
    duckdbUrl: env["LOCAL_DB_URL"],
    duckdbPath: env["LOCAL_DB_PATH"],
    redis: { address: addressOf(cache), password: decodeURIComponent(cache.password) },
    s3: openS3(addressOf(lake), signal),
    awsEndpoint: env["AWS_ENDPOINT_URL_S3"],
    lakeUrl: env["LAKE_URL"],
  };
}

test("dp env must lead to each store: Redis as the file says, S3 with the file's buckets, DuckDB's file", async () => {
  const { redis, s3, awsEndpoint, lakeUrl, duckdbUrl, duckdbPath } = await addresses();
  expect(redis.password).toBe(password);
  await withRedis({ login: redis, signal, timeoutMs: 2000 }, async (send) => {
    expect(await send("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", "67108864"]);
    expect(await send("SET", "greeting", "hello")).toBe("OK");
  });
  expect(await s3.listBuckets()).toEqual(["raw-files"]);
  expect(awsEndpoint).toBe(lakeUrl);
  expect(duckdbPath).toBe(join(project.folder, "data/local-db.duckdb"));
  expect(duckdbUrl).toBe(`duckdb:///${duckdbPath}`);
});

test("a wrong password must fail at once, in the words of Redis; a port where nothing listens is waited for", async () => {
  const { redis } = await addresses();
  const refused = checkRedis({ ...redis, password: "wrong" }, signal);
  await expect(refused).rejects.toMatchObject({
    code: "store-failed",
    why: expect.stringMatching(/^WRONGPASS /),
  });
  const none = checkRedis({ ...redis, password: undefined }, signal);
  await expect(none).rejects.toMatchObject({ why: expect.stringMatching(/^NOAUTH /) });
  const address = { host: "127.0.0.1", port: await unusedPort() };
  expect(await checkRedis({ ...redis, address }, signal)).toEqual({
    ready: false,
    waitingFor: `nothing listens on port ${address.port}`,
  });
  const missing = await checkS3({ address, buckets: [] }, signal);
  expect(missing).toMatchObject({
    ready: false,
    waitingFor: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a step that runs a command must find both by their variables", async () => {
  const { stdout, stderr } = await project.succeed(["pipeline", "run", "p", "--local"]);
  expect(`${stdout}${stderr}`).toMatch(/b'\+OK[^]*b'\$5[^]*hello[^]*True/);
});

test("health and smoke must ask both, and leave nothing in them", async () => {
  const { stdout: health } = await project.succeed(["health", "--json"]);
  const { checks } = JSON.parse(health) as { checks: Record<string, string>[] };
  const asked = checks.map(({ service, check }) => `${service} ${check}`);
  const ofContainers = ["cache container", "cache answers", "lake container", "lake answers"];
  expect(asked).toEqual([...ofContainers, "local-db file"]);
  const { stdout: smoke } = await project.succeed(["smoke", "--only", "stores"]);
  expect(smoke).toMatch(/stores +passed .*took and returned 100 rows/);
  const { redis, s3 } = await addresses();
  expect(
    await withRedis({ login: redis, signal, timeoutMs: 2000 }, (send) => send("KEYS", "*")),
  ).toEqual(["greeting"]);
  expect(await s3.listBuckets()).toEqual(["raw-files"]);
});

test("Redis must keep what it has over down and up; S3 must have its buckets again, empty, as is said", async () => {
  const { s3 } = await addresses();
  await s3.put("/raw-files/a.txt", "hello");
  expect(await s3.get("/raw-files/a.txt")).toBe("hello");
  await project.succeed(["down"]);
  const { stderr } = await project.succeed(["up"]);
  expect(stderr).toContain("lake keeps its objects in memory only");
  const { redis, s3: again } = await addresses();
  expect(
    await withRedis({ login: redis, signal, timeoutMs: 2000 }, (send) => send("GET", "greeting")),
  ).toBe("hello");
  expect(await again.listBuckets()).toEqual(["raw-files"]);
  await expect(again.get("/raw-files/a.txt")).rejects.toThrow(/404/);
});

test("a stop must tell what goes, and start must make the buckets again", async () => {
  const { stderr } = await project.succeed(["stop", "lake"]);
  expect(stderr).toContain("lake kept its objects in memory only");
  await project.succeed(["start"]);
  expect(await (await addresses()).s3.listBuckets()).toEqual(["raw-files"]);
});

test("a bucket that is added to the file must be made without a new container", async () => {
  await project.configure(stores.replace("[raw-files]", "[raw-files, clean-files]"));
  expect((await project.dp(["plan", "--exit-code"])).code).toBe(0);
  await project.succeed(["up"]);
  const { s3 } = await addresses();
  expect((await s3.listBuckets()).toSorted()).toEqual(["clean-files", "raw-files"]);
});
