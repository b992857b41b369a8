import { createHash } from "node:crypto";
import { createServer as createHttpServer, type Server } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { connectEngine } from "../../../src/docker/engine/connect.ts";
import { findCandidates, type Candidates } from "../../../src/docker/engine/contexts.ts";

interface Home extends AsyncDisposable {
  find(env?: Readonly<Record<string, string>>, context?: string): Promise<Candidates>;
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
    find: (env = {}, context) => findCandidates({ env, home: folder, uid: 1000, context }),
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
    otherwise: "unset DOCKER_HOST",
  });
});

test("--context must decide alone, before DOCKER_HOST", async () => {
  await using home = await createHome();
  await home.addContext("server", "unix:///server.sock");
  const env = { DOCKER_HOST: "unix:///own.sock", DOCKER_CONTEXT: "nowhere" };
  const { list } = await home.find(env, "server");
  expect(list).toEqual([{ origin: "context server", url: "unix:///server.sock" }]);
});

test("--context default must mean what docker means by it: DOCKER_HOST, else the usual socket", async () => {
  await using home = await createHome();
  await home.addContext("colima", "unix:///colima.sock");
  await home.writeConfig('{"currentContext":"colima"}');
  const env = { DOCKER_CONTEXT: "colima" };
  expect(urls(await home.find(env, "default"))).toEqual(["unix:///var/run/docker.sock"]);
  const host = { ...env, DOCKER_HOST: "unix:///own.sock" };
  expect(urls(await home.find(host, "default"))).toEqual(["unix:///own.sock"]);
});

test("a DOCKER_HOST without a scheme must be a host of the network, as docker reads it", async () => {
  await using home = await createHome();
  expect(urls(await home.find({ DOCKER_HOST: "server:2375" }))).toEqual(["tcp://server:2375"]);
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
    "unix:///run/podman/podman.sock",
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

test("TLS must be asked for by DOCKER_TLS_VERIFY or DOCKER_TLS, and only where there is a network", async () => {
  await using home = await createHome();
  const tlsOf = async (env: Record<string, string>) => (await home.find(env)).list[0]?.tls;
  const host = { DOCKER_HOST: "tcp://server:2376" };
  const folder = join(home.folder, ".docker");
  expect(await tlsOf({ ...host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" })).toEqual({
    folder: "/certs",
    verify: "engine",
  });
  expect(await tlsOf({ ...host, DOCKER_TLS_VERIFY: "1" })).toEqual({ folder, verify: "engine" });
  expect(await tlsOf({ ...host, DOCKER_TLS: "1" })).toEqual({ folder, verify: "none" });
  expect(await tlsOf(host)).toBeUndefined();
  expect(await tlsOf({ DOCKER_HOST: "unix:///a", DOCKER_TLS_VERIFY: "1" })).toBeUndefined();
});

test("a context without certificates must be spoken to without TLS", async () => {
  await using home = await createHome();
  await home.addContext("plain", "tcp://server:2375");
  const { list } = await home.find({}, "plain");
  expect(list).toEqual([{ origin: "context plain", url: "tcp://server:2375" }]);
});

test("a context that does not exist must be an error that names those that do, and the nearest", async () => {
  await using home = await createHome();
  await home.addContext("server", "tcp://server:2375");
  await home.addContext("colima", "unix:///colima.sock");
  await expect(home.find({}, "sever")).rejects.toMatchObject({
    code: "no-engine",
    message: "there is no Docker context sever",
    why: expect.stringContaining("default, colima, server"),
    next: "did you mean server?",
  });
  await expect(home.find({ DOCKER_CONTEXT: "elsewhere" })).rejects.toMatchObject({
    next: "docker context ls",
  });
});

test("a context that names no address must be an error", async () => {
  await using home = await createHome();
  await home.addContext("empty", "");
  await expect(home.find({}, "empty")).rejects.toMatchObject({
    message: expect.stringContaining("context empty names no address"),
  });
});

const { signal } = new AbortController();

test("an address that no scheme fits must be refused with those that do", async () => {
  await using home = await createHome();
  const candidates = await home.find({ DOCKER_HOST: "ftp://server" });
  await expect(connectEngine(candidates, signal)).rejects.toMatchObject({
    code: "no-engine",
    message: expect.stringContaining("ftp://server"),
    next: expect.stringContaining("ssh://"),
  });
});

test("an engine that does not answer must be told with the way to another one", async () => {
  await using home = await createHome();
  const path = `unix://${home.folder}/none.sock`;
  await home.addContext("gone", path);
  await expect(connectEngine(await home.find({}, "gone"), signal)).rejects.toMatchObject({
    why: `context gone names ${path}, and only that one is tried`,
    evidence: [`context gone (${path}): no such socket`],
    next: "start that engine, or name another one with --context",
  });
});

/**
 * An engine that answers with these headers, and any call that names a version of the API with its
 * no. Its ID differs from call to call, and it calls its JSON plain text, both as Podman does.
 */
async function serveApi(
  folder: string,
  headers: Readonly<Record<string, string>>,
): Promise<Server & AsyncDisposable> {
  let calls = 0;
  const info = () => ({ ID: `id ${++calls}`, Name: "vm", DockerRootDir: "/data" });
  const server = createHttpServer((request, response) => {
    response.setHeader("content-type", "text/plain; charset=utf-8");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const versioned = /^\/v[\d.]+\//.test(request.url ?? "");
    response.statusCode = versioned ? 400 : 200;
    response.end(JSON.stringify(versioned ? { message: "client version is too old" } : info()));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "api.sock"), resolve));
  return Object.assign(server, {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

test("an engine that has dropped old versions of the API must be spoken to in its own", async () => {
  await using home = await createHome();
  await using _server = await serveApi(home.folder, { "api-version": "1.54" });
  const candidates = await home.find({ DOCKER_HOST: `unix://${home.folder}/api.sock` });
  const engine = await connectEngine(candidates, signal);
  expect(await engine.id()).toMatch(/^id /);
  expect(await (await engine.client()).info()).toMatchObject({ Name: "vm" });
});

test("Podman must be known again, though it gives every caller another ID", async () => {
  await using home = await createHome();
  const headers = { "api-version": "1.41", "libpod-api-version": "4.3.1" };
  await using _server = await serveApi(home.folder, headers);
  const candidates = await home.find({ DOCKER_HOST: `unix://${home.folder}/api.sock` });
  const [first, second] = [
    await connectEngine(candidates, signal),
    await connectEngine(candidates, signal),
  ];
  expect(await first.id()).toMatch(/^[0-9a-f]{32}$/);
  expect(await second.id()).toBe(await first.id());
});

test("an engine whose API is too old must be told with both versions", async () => {
  await using home = await createHome();
  await using _server = await serveApi(home.folder, { "api-version": "1.40" });
  const candidates = await home.find({ DOCKER_HOST: `unix://${home.folder}/api.sock` });
  await expect(connectEngine(candidates, signal)).rejects.toMatchObject({
    code: "no-engine",
    why: expect.stringMatching(/API 1\.40, and dp needs 1\.41/),
    next: expect.stringContaining("20.10"),
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

/** Takes every connection; answers a ping on the second one and later ones when it `answersLater`. */
async function silentEngine(home: { folder: string }, { answersLater }: { answersLater: boolean }) {
  const { createServer } = await import("node:net");
  const path = join(home.folder, "dumb.sock");
  let connections = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (++connections === 1 || !answersLater) return;
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\nOK"),
    );
  }).listen(path);
  return { url: `unix://${path}`, connections: () => connections, server };
}

test("reports an engine that never answers after 10 s, and tries new connections until then", async () => {
  await using home = await createHome();
  const { url, connections, server } = await silentEngine(home, { answersLater: false });
  const candidates = await home.find({ DOCKER_HOST: url });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const failure = connectEngine(candidates, signal).catch((thrown: unknown) => thrown);
  for (let ms = 0; ms < 10_000; ms += 500) {
    await vi.advanceTimersByTimeAsync(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  vi.useRealTimers();
  expect(await failure).toMatchObject({
    code: "no-engine",
    evidence: [expect.stringContaining("did not respond within 10 s")],
  });
  server.close();
  expect(connections()).toBeGreaterThan(1);
});

test("finds an engine that was silent on its first connection", async () => {
  await using home = await createHome();
  const { url, server } = await silentEngine(home, { answersLater: true });
  const candidates = await home.find({ DOCKER_HOST: url });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const connecting = connectEngine(candidates, signal);
  await vi.advanceTimersByTimeAsync(3100);
  vi.useRealTimers();
  expect(await connecting).toMatchObject({ url });
  server.close();
});
