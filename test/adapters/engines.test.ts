import { createHash } from "node:crypto";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { connectEngine, type Engine } from "../../src/docker/engine/connect.ts";
import { findCandidates } from "../../src/docker/engine/contexts.ts";
import { builtImage } from "../support/built-image.ts";
import { createCertificates } from "../support/certificates.ts";
import { openEngine } from "../support/engine.ts";
import { startSecondEngine, type SecondEngine } from "../support/second-engine.ts";
import { startSshServer, type SshServer } from "../support/ssh-server.ts";
import { unusedPort } from "../support/unused-port.ts";

let engine: SecondEngine;
let sshServer: SshServer;
let clients = 0;
let url: string;
let certificates: string;
const { signal } = new AbortController();

beforeAll(async () => {
  sshServer = await startSshServer();
  const port = await unusedPort();
  url = `tcp://127.0.0.1:${port}`;
  engine = await startSecondEngine(async (folder) => {
    await createCertificates(join(folder, "own"));
    await createCertificates(join(folder, "other"));
    const server = join(folder, "own/server");
    const files = { cacert: "ca.pem", cert: "cert.pem", key: "key.pem" };
    const given = Object.entries(files).map(([name, file]) => `--tls${name}=${join(server, file)}`);
    return ["-H", url, "--tlsverify", ...given];
  });
  certificates = join(engine.folder, "own/client");
});

afterAll(async () => {
  await sshServer[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

async function connect(env: Record<string, string>, context?: string): Promise<Engine> {
  const home = join(engine.folder, "home");
  return connectEngine(await findCandidates({ env, home, uid: 1000, context }), signal);
}

function byTls(folder: string): Promise<Engine> {
  return connect({ DOCKER_HOST: url, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder });
}

test("an engine must be spoken to with TLS, for reading and by the client alike", async () => {
  const secure = await byTls(certificates);
  const plain = await engine.connect();
  expect(secure.remote).toBe(false);
  expect(await secure.id()).toBe(await plain.id());
  const info = (await (await secure.client()).info()) as { readonly ID: string };
  expect(info.ID).toBe(await plain.id());
});

test("a client without the right certificates must be told which is wrong", async () => {
  const cases: Record<string, { folder: string; reason: string; next: string }> = {};
  const make = async (name: string, files: Record<string, string>): Promise<string> => {
    const folder = join(engine.folder, "cases", name);
    await mkdir(folder, { recursive: true });
    for (const [to, from] of Object.entries(files)) {
      await cp(join(engine.folder, from), join(folder, to));
    }
    return folder;
  };
  const whole = { "ca.pem": "own/ca.pem", "cert.pem": "own/client/cert.pem" };
  cases["another authority"] = {
    folder: join(engine.folder, "other/client"),
    reason: "not signed by an authority that ca.pem names",
    next: "ca.pem",
  };
  cases["no certificate"] = {
    folder: await make("none", { "ca.pem": "own/ca.pem" }),
    reason: "wants a client's certificate of its own authority",
    next: "cert.pem",
  };
  cases["a stranger's certificate"] = {
    folder: await make("stranger", {
      "ca.pem": "own/ca.pem",
      "cert.pem": "other/client/cert.pem",
      "key.pem": "other/client/key.pem",
    }),
    reason: "wants a client's certificate of its own authority",
    next: "cert.pem",
  };
  for (const [name, { folder, reason, next }] of Object.entries(cases)) {
    await expect(byTls(folder), name).rejects.toMatchObject({
      code: "no-engine",
      evidence: [expect.stringContaining(reason)],
      next: expect.stringContaining(next),
    });
  }
  await expect(byTls(await make("half", whole))).rejects.toMatchObject({
    why: expect.stringMatching(/has cert\.pem, and no key\.pem/),
  });
});

test("an address with TLS on one side only must be told as that", async () => {
  await expect(connect({ DOCKER_HOST: url })).rejects.toMatchObject({
    evidence: [expect.stringContaining("it wants TLS, and was spoken to without")],
    next: expect.stringContaining("DOCKER_TLS_VERIFY=1"),
  });
  const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as AddressInfo;
  const env = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates };
  await expect(connect({ ...env, DOCKER_HOST: `tcp://127.0.0.1:${port}` })).rejects.toMatchObject({
    evidence: [expect.stringContaining("it does not speak TLS")],
    next: expect.stringContaining("unset DOCKER_TLS_VERIFY"),
  });
  plain.close();
});

test("a context must bring its certificates, and may skip the engine's own", async () => {
  const addContext = async (name: string, options: { files: string[]; skip: boolean }) => {
    const hash = createHash("sha256").update(name).digest("hex");
    const contexts = join(engine.folder, "home/.docker/contexts");
    const tls = join(contexts, "tls", hash, "docker");
    await mkdir(join(contexts, "meta", hash), { recursive: true });
    await mkdir(tls, { recursive: true });
    const docker = { Host: url, SkipTLSVerify: options.skip };
    const meta = JSON.stringify({ Name: name, Endpoints: { docker } });
    await writeFile(join(contexts, "meta", hash, "meta.json"), meta);
    for (const file of options.files) await cp(join(certificates, file), join(tls, file));
  };
  await addContext("secure", { files: ["ca.pem", "cert.pem", "key.pem"], skip: false });
  await addContext("lax", { files: ["cert.pem", "key.pem"], skip: true });
  await addContext("strict", { files: ["cert.pem", "key.pem"], skip: false });
  expect(await connect({}, "secure")).toMatchObject({ origin: "context secure", url });
  expect(await connect({}, "lax")).toMatchObject({ origin: "context lax" });
  await expect(connect({}, "strict")).rejects.toMatchObject({
    evidence: [expect.stringContaining("not signed by an authority")],
  });
});

async function withSsh(options?: readonly string[]): Promise<string> {
  const name = `client-${clients++}`;
  const bin = await sshServer.createClient(name, options);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return sshServer.url;
}

test("an engine behind ssh must be asked, by many calls at once", async () => {
  const there = await connect({ DOCKER_HOST: await withSsh() });
  const here = await openEngine();
  expect(await there.id()).toBe(await here.id());
  const client = await there.client();
  const names = await Promise.all(Array.from({ length: 8 }, () => client.info()));
  expect(new Set(names.map(({ ID: id }: { ID: string }) => id))).toEqual(
    new Set([await here.id()]),
  );
});

test("a program in a container behind ssh must get its input to the end, and give its output", async () => {
  const there = await connect({ DOCKER_HOST: await withSsh() });
  const client = await there.client();
  const { ref: Image } = await builtImage({ what: "kafka", version: "3.9.2" });
  const container = await client.createContainer({
    Image,
    Entrypoint: ["sort"],
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
  });
  onTestFinished(() => container.remove({ force: true, v: true }));
  const streams = { stream: true, stdin: true, stdout: true, hijack: true };
  const connection = await container.attach(streams);
  await container.start();
  connection.end("b\na\n");
  let output = "";
  for await (const chunk of connection) output += chunk;
  expect(output.replaceAll(/[^ab\n]/g, "")).toContain("a\nb\n");
});

test("an engine's socket at the other end must be chosen by the address", async () => {
  const url = await withSsh();
  const there = await connect({ DOCKER_HOST: `${url}${engine.host.slice("unix://".length)}` });
  expect(await there.id()).toBe(await (await engine.connect()).id());
});

test("what ssh has against a connection must be told in its words, with what to do", async () => {
  const noKey = "-oPubkeyAuthentication=no";
  await expect(connect({ DOCKER_HOST: await withSsh([noKey]) })).rejects.toMatchObject({
    code: "no-engine",
    evidence: [expect.stringContaining("Permission denied (publickey)")],
    next: expect.stringContaining("without a question"),
  });
  const unknown = "-oUserKnownHostsFile=/dev/null";
  await expect(connect({ DOCKER_HOST: await withSsh([unknown]) })).rejects.toMatchObject({
    evidence: expect.arrayContaining([expect.stringContaining("Host key verification failed")]),
    next: expect.stringMatching(/^ssh \w+@127/),
  });
  const url = await withSsh();
  await expect(connect({ DOCKER_HOST: `${url}/none.sock` })).rejects.toMatchObject({
    evidence: expect.arrayContaining([expect.stringContaining("/none.sock")]),
    next: expect.stringContaining("start Docker there"),
  });
  vi.stubEnv("PATH", "/none");
  await expect(connect({ DOCKER_HOST: url })).rejects.toMatchObject({
    evidence: [expect.stringContaining("no ssh program")],
  });
});
