import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectEngine } from "../../src/docker/connect.ts";
import { findCandidates, type Candidates } from "../../src/docker/contexts.ts";

interface Home extends AsyncDisposable {
  find(env?: Readonly<Record<string, string>>): Promise<Candidates>;
  addContext(name: string, url: string): Promise<void>;
  writeConfig(text: string): Promise<void>;
  readonly folder: string;
}

/** A home folder with Docker's settings in it. */
async function createHome(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), "dp-home-"));
  const settings = join(folder, ".docker");
  await mkdir(settings);
  return {
    folder,
    find: (env = {}) => findCandidates({ env, home: folder, uid: 1000 }),
    addContext: async (name, url) => {
      const hash = createHash("sha256").update(name).digest("hex");
      const meta = join(settings, "contexts", "meta", hash);
      await mkdir(meta, { recursive: true });
      const content = { Name: name, Endpoints: { docker: { Host: url } } };
      await writeFile(join(meta, "meta.json"), JSON.stringify(content));
    },
    writeConfig: (text) => writeFile(join(settings, "config.json"), text),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const urls = ({ list }: Candidates): string[] => list.map(({ url }) => url);

test("DOCKER_HOST must decide alone, before DOCKER_CONTEXT and the current context", async () => {
  await using home = await createHome();
  await home.addContext("server", "tcp://server:2375");
  await home.writeConfig('{"currentContext":"server"}');
  const found = await home.find({ DOCKER_HOST: "unix:///own.sock", DOCKER_CONTEXT: "server" });
  expect(found).toEqual({
    decided: true,
    list: [{ origin: "DOCKER_HOST", url: "unix:///own.sock" }],
  });
});

test("DOCKER_CONTEXT must decide alone, before the current context", async () => {
  await using home = await createHome();
  await home.addContext("server", "unix:///server.sock");
  await home.addContext("colima", "unix:///colima.sock");
  await home.writeConfig('{"currentContext":"colima"}');
  const found = await home.find({ DOCKER_CONTEXT: "server" });
  expect(found.decided).toBe(true);
  expect(found.list).toEqual([{ origin: "context server", url: "unix:///server.sock" }]);
  expect(urls(await home.find())).toEqual(["unix:///colima.sock"]);
});

test("the context `default` must mean the socket of this machine alone", async () => {
  await using home = await createHome();
  await home.addContext("colima", "unix:///colima.sock");
  await home.writeConfig('{"currentContext":"colima"}');
  const found = await home.find({ DOCKER_CONTEXT: "default" });
  expect(found.decided).toBe(true);
  expect(urls(found)).toEqual(["unix:///var/run/docker.sock"]);
});

test("with nothing set the usual sockets must be tried, Docker's own first", async () => {
  await using home = await createHome();
  const found = await home.find({ XDG_RUNTIME_DIR: "/run/user/7" });
  expect(found.decided).toBe(false);
  expect(urls(found)).toEqual([
    "unix:///var/run/docker.sock",
    "unix:///run/user/7/docker.sock",
    `unix://${home.folder}/.docker/run/docker.sock`,
    `unix://${home.folder}/.colima/default/docker.sock`,
    `unix://${home.folder}/.rd/docker.sock`,
    "unix:///run/user/7/podman/podman.sock",
  ]);
  expect(urls(await home.find())).toContain("unix:///run/user/1000/docker.sock");
});

test("a config that is no JSON must count as none", async () => {
  await using home = await createHome();
  await home.writeConfig("{ not json");
  expect((await home.find()).decided).toBe(false);
});

test("DOCKER_CONFIG must name another folder of settings", async () => {
  await using home = await createHome();
  await using other = await createHome();
  await other.addContext("there", "unix:///there.sock");
  await other.writeConfig('{"currentContext":"there"}');
  const found = await home.find({ DOCKER_CONFIG: join(other.folder, ".docker") });
  expect(urls(found)).toEqual(["unix:///there.sock"]);
});

test("DOCKER_TLS_VERIFY must bring the certificates along", async () => {
  await using home = await createHome();
  const env = {
    DOCKER_HOST: "tcp://server:2376",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: "/certs",
  };
  const [candidate] = (await home.find(env)).list;
  expect(candidate?.certificates).toBe("/certs");
});

const { signal } = new AbortController();

test("a context that does not exist must be an error that names it", async () => {
  await using home = await createHome();
  const candidates = await home.find({ DOCKER_CONTEXT: "nowhere" });
  await expect(connectEngine(candidates, signal)).rejects.toMatchObject({
    code: "no-engine",
    message: expect.stringContaining("context nowhere"),
  });
});

test("an ssh address must be refused with the way to reach such an engine", async () => {
  await using home = await createHome();
  const candidates = await home.find({ DOCKER_HOST: "ssh://me@server" });
  await expect(connectEngine(candidates, signal)).rejects.toMatchObject({
    code: "no-engine",
    message: expect.stringContaining("ssh://me@server"),
    next: expect.stringContaining("ssh -L"),
  });
});

test("certificates that are not there must be an error that names the file", async () => {
  await using home = await createHome();
  const env = {
    DOCKER_HOST: "tcp://127.0.0.1:1",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: "/none",
  };
  await expect(connectEngine(await home.find(env), signal)).rejects.toMatchObject({
    code: "no-engine",
    why: expect.stringContaining("/none/ca.pem"),
  });
});

test(
  "an engine that takes the call and never answers must be told after seconds",
  { timeout: 20_000 },
  async () => {
    await using home = await createHome();
    const { createServer } = await import("node:net");
    const path = join(home.folder, "dumb.sock");
    const server = createServer(() => {}).listen(path);
    const candidates = await home.find({ DOCKER_HOST: `unix://${path}` });
    await expect(connectEngine(candidates, signal)).rejects.toMatchObject({
      code: "no-engine",
      evidence: [expect.stringContaining("no answer within 3 s")],
    });
    server.close();
  },
);
