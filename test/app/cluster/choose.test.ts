import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseCluster } from "../../../src/app/cluster/choose.ts";
import { readSharedOptions, withClusterOptions } from "../../../src/cli/options.ts";
import { createCertificates } from "../../support/certificates.ts";
import { createFifo } from "../../support/fifo.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dp-choose-"));
  await createCertificates(folder);
  const files = {
    password: "from-file\nsecond line\n",
    empty: "\n",
    "store.jks": Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]),
    "store.p12": Buffer.from([0x30, 0x82, 0, 0, 0, 0]),
    "password-of-windows": "\uFEFFfrom-file\r\n",
    text: "hello",
    "client.properties": [
      "bootstrap.servers=a:1,[::1]:2",
      "security.protocol=SASL_SSL",
      "sasl.mechanism=PLAIN",
      'sasl.jaas.config=x.PlainLoginModule required username="alice" password="from-properties";',
      "ssl.truststore.location=ca.pem",
      "group.id=mine",
    ].join("\n"),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** No terminal to ask on. */
async function choose(
  line: string,
  env: NodeJS.ProcessEnv = {},
  { cwd = folder, readsFile = false }: { cwd?: string; readsFile?: boolean } = {},
) {
  const command = withClusterOptions(new Command("list")).action(() => {});
  command.exitOverride().parse(line === "" ? [] : line.split(" "), { from: "user" });
  const { stdin, stderr } = { stdin: { isTTY: false }, stderr: { isTTY: false } } as never;
  const { signal } = new AbortController();
  const askPassword = () => Promise.reject(new Error("no terminal"));
  const host = { env, cwd, stdin, stderr, signal, askPassword };
  return chooseCluster(host, readSharedOptions(command), { readsFile });
}

const plain = { kind: "external", security: { tls: undefined, sasl: undefined }, ignored: [] };

test("addresses must be taken from the command line, then from the properties", async () => {
  const bootstrap = [
    { host: "a", port: 1 },
    { host: "b", port: 2 },
  ];
  expect(await choose("--brokers a:1,b:2")).toEqual({ ...plain, bootstrap, from: "--brokers" });
  expect(await choose("--client-properties client.properties --brokers a:1,b:2")).toMatchObject({
    bootstrap,
    from: "--brokers",
  });
  expect(
    await choose("--client-properties client.properties", { KAFKA_BOOTSTRAP_SERVERS: "x:9" }),
  ).toMatchObject({
    bootstrap: [
      { host: "a", port: 1 },
      { host: "::1", port: 2 },
    ],
    from: "bootstrap.servers",
    security: { tls: { checks: "all" }, sasl: { user: "alice", password: "from-properties" } },
    ignored: ["group.id"],
  });
});

test("the environment must count only where nothing else names a cluster", async () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: "x:9" };
  const named = { kind: "external", bootstrap: [{ host: "x", port: 9 }] };
  const stack = { kind: "stack" };
  expect(await choose("", {})).toEqual(stack);
  expect(await choose("", env)).toMatchObject({ ...named, from: "KAFKA_BOOTSTRAP_SERVERS" });
  expect(await choose("--tls", env)).toMatchObject(named);
  expect(await choose("--brokers a:1", env)).toMatchObject({ from: "--brokers" });
  expect(await choose("--project shop", env)).toEqual(stack);
  expect(await choose("", { ...env, DP_PROJECT: "shop" })).toEqual(stack);
  await using inProject = await projectFolder();
  expect(await choose("", env, { cwd: inProject.path })).toEqual(stack);
});

async function projectFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "dp-choose-"));
  await writeFile(join(path, "pipeline.yaml"), "name: shop\n");
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("the password must come from the file, then the environment, then the properties", async () => {
  const env = { DP_KAFKA_PASSWORD: "from-environment" };
  const login = "--client-properties client.properties";
  const passwordOf = async (line: string, from?: NodeJS.ProcessEnv) => {
    const chosen = await choose(line, from);
    return chosen.kind === "external" ? chosen.security?.sasl?.password : undefined;
  };
  expect(await passwordOf(`${login} --password-file password`, env)).toBe("from-file");
  expect(await passwordOf(`${login} --password-file password-of-windows`)).toBe("from-file");
  expect(await passwordOf(login, env)).toBe("from-environment");
  expect(await passwordOf(login)).toBe("from-properties");
});

test("a certificate of one's own must be taken with its key", async () => {
  const line = "--brokers a:1 --tls-ca ca.pem --tls-cert client/cert.pem --tls-key client/key.pem";
  expect(await choose(`${line} --tls-server-name kafka`)).toMatchObject({
    security: {
      tls: {
        pem: {
          ca: expect.stringContaining("BEGIN CERTIFICATE"),
          cert: expect.stringContaining("BEGIN CERTIFICATE"),
          key: expect.stringContaining("PRIVATE KEY"),
        },
        serverName: "kafka",
        checks: "all",
      },
    },
  });
});

const login = "--brokers a:1 --sasl plain --user alice";

test.each([
  ["--brokers a", "no broker's address", "a:9092"],
  ["--brokers a:1,b:x", 'no broker\'s address: "b:x"', "host:port"],
  ["--brokers a:99999", "no broker's address", "host:port"],
  ["--brokers a:1 --project shop", "--brokers and --project can't be used together", "leave one"],
  ["--brokers a:1 --file pipeline.yaml", "--brokers and --file can't be used", "leave one"],
  ["--brokers a:1 --set kafka.brokers=3", "--brokers and --set can't be used", "leave one"],
  ["--tls", "--tls needs --brokers", "--brokers host:port"],
  ["--sasl plain --user alice", "--sasl needs --brokers", "--brokers host:port"],
  ["--brokers a:1 --user alice", "the SASL mechanism is missing", "SCRAM-SHA-512"],
  ["--brokers a:1 --sasl plain", "the user is missing", "--user NAME"],
  [login, "the password of alice is missing", "DP_KAFKA_PASSWORD"],
  [`${login} --password-file empty`, "empty holds no password", "first line"],
  ["--brokers a:1 --password-file password", "--password-file needs --sasl", "--user NAME"],
  ["--brokers a:1 --tls-ca text", "text has no certificate in PEM", "name a file in PEM"],
  ["--brokers a:1 --tls-ca store.jks", "store.jks has no certificate", "keytool -list -rfc"],
  ["--brokers a:1 --tls-cert store.p12", "store.p12 has no certificate", "make a PEM of it"],
  ["--brokers a:1 --tls-cert client/cert.pem", "the certificate's key is missing", "--tls-key"],
  ["--brokers a:1 --tls-key client/key.pem", "--tls-key needs --tls-cert", "--tls-cert FILE"],
  [
    "--brokers a:1 --tls-cert client/cert.pem --tls-key server/key.pem",
    "the certificates can't be used",
    "belong together",
  ],
])("%s must be refused with what to do", async (line, message, next) => {
  await expect(choose(line)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(message),
    next: expect.stringContaining(next),
  });
});

test("a key with a password must be opened with that of the properties only", async () => {
  const words = "pkcs8 -topk8 -in client/key.pem -out locked.pem -passout pass:open-sesame";
  await execa("openssl", words.split(" "), { cwd: folder });
  const lines = ["security.protocol=SSL", "ssl.certificate.location=client/cert.pem"];
  const write = (...more: string[]) =>
    writeFile(
      join(folder, "locked.properties"),
      [...lines, "ssl.key.location=locked.pem", ...more].join("\n"),
    );
  const line = "--brokers a:1 --client-properties locked.properties";
  await write("ssl.key.password=open-sesame");
  expect(await choose(line)).toMatchObject({ kind: "external" });
  for (const wrong of [[], ["ssl.key.password=closed"]]) {
    await write(...wrong);
    await expect(choose(line)).rejects.toMatchObject({
      code: "usage",
      message: "the certificates can't be used",
      next: expect.stringContaining("ssl.key.password"),
    });
  }
});

test("a command that reads the file itself must take both", async () => {
  const reads = { readsFile: true };
  const both = choose("--brokers a:1 --file x.yaml --profile ci --set kafka.brokers=3", {}, reads);
  expect(await both).toMatchObject({ from: "--brokers" });
  await expect(choose("--brokers a:1 --project shop", {}, reads)).rejects.toThrow("--project");
});

test("a file that is not there must be told", async () => {
  await expect(choose("--brokers a:1 --tls-ca nowhere")).rejects.toMatchObject({
    code: "io-failed",
    message: "can't read nowhere",
  });
});

test("reports a password file that is a FIFO, and does not wait", async () => {
  const fifo = createFifo(folder, "fifo");
  const line = "--brokers a:1 --sasl PLAIN --user alice --password-file fifo";
  await expect(choose(line)).rejects.toMatchObject({
    code: "io-failed",
    message: "can't read fifo",
    why: `${fifo} is a FIFO, not a regular file`,
    next: "name a regular file, or <(cat fifo)",
  });
});
