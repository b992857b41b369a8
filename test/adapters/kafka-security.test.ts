import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseCluster } from "../../src/app/cluster/choose.ts";
import { readSharedOptions, withClusterOptions } from "../../src/cli/options.ts";
import { createTopic, listTopics } from "../../src/kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import type { Acks } from "../../src/kafka/produce/sender.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import type {
  SaslCredentials,
  Security,
  TlsSettings,
} from "../../src/kafka/connection/security.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import { metadataRequest } from "../../src/kafka/protocol/read-requests.ts";
import { readTopic, records, valueOf } from "../support/kafka-records.ts";
import { alice, bob, startSecureCluster, type SecureCluster } from "../support/secure-cluster.ts";

type Listener = "LOGIN" | "TLSLOGIN" | "MUTUAL" | "EXPIRED" | "STRAY" | "PLAIN";

/** What a test says of a connection; file names are below the cluster's folder. */
interface Way {
  readonly listener: Listener;
  readonly host?: string;
  readonly sasl?: SaslCredentials;
  readonly ca?: string;
  readonly own?: string;
  readonly serverName?: string;
}

const topic = "orders";

describe.each(["kraft", "zookeeper"] as const)("a cluster with logins and %s", (mode) => {
  let secure: SecureCluster;

  async function open(way: Way): Promise<Cluster & Disposable> {
    const { listeners, addresses } = secure.running;
    const address = way.listener === "PLAIN" ? addresses[0] : listeners[way.listener];
    if (address === undefined) throw new Error(`no listener ${way.listener}`);
    const { host = address.host } = way;
    const security: Security = { tls: await tlsOf(way), sasl: way.sasl };
    const bootstrap = [{ host, port: address.port }];
    const cluster = openCluster({ bootstrap, security, kind: "external" });
    return { ...cluster, [Symbol.dispose]: () => cluster.close() };
  }

  async function tlsOf({ ca, own, serverName }: Way): Promise<TlsSettings | undefined> {
    if (ca === undefined) return undefined;
    const read = (file: string) => readFile(join(secure.folder, file), "utf8");
    const [cert, key] =
      own === undefined ? [] : [await read(`${own}/cert.pem`), await read(`${own}/key.pem`)];
    const pem = { ca: await read(ca), ...(cert && { cert }), ...(key && { key }) };
    return { pem, serverName, checks: "all" };
  }

  beforeAll(async () => {
    secure = await startSecureCluster(mode);
    using cluster = await open({ listener: "PLAIN" });
    await createTopic(cluster, { name: topic, partitions: 1, replication: 1, config: {} });
    await waitForTopics([{ name: topic, partitions: 1 }], { cluster, timeoutMs: 20_000 });
  });

  afterAll(() => secure?.[Symbol.asyncDispose]());

  const ways: readonly (readonly [string, Way])[] = [
    ["PLAIN", { listener: "LOGIN", sasl: { ...alice, mechanism: "PLAIN" } }],
    ["SCRAM-SHA-256", { listener: "LOGIN", sasl: { ...alice, mechanism: "SCRAM-SHA-256" } }],
    [
      "SCRAM-SHA-512 with TLS",
      { listener: "TLSLOGIN", ca: "ca.pem", sasl: { ...alice, mechanism: "SCRAM-SHA-512" } },
    ],
    ["a certificate of its own", { listener: "MUTUAL", ca: "ca.pem", own: "client" }],
  ];

  test.each(ways)("records must go and come with %s", async (_, way) => {
    using cluster = await open(way);
    const value = Buffer.from(JSON.stringify(way));
    const written = await produceRecords({ cluster, topic, records: records(1, { value }) });
    expect(written).toMatchObject({ records: 1, failed: 0 });
    expect((await readTopic(cluster, topic)).map(valueOf)).toContain(value.toString());
  });

  test("the properties of a Java client must open the same cluster", async () => {
    const { port } = secure.running.listeners["TLSLOGIN"] ?? {};
    const password = alice.password.replaceAll('"', String.raw`\\"`);
    const file = join(secure.folder, "client.properties");
    const module = "org.apache.kafka.common.security.scram.ScramLoginModule";
    const lines = [
      `bootstrap.servers=127.0.0.1:${port}`,
      "security.protocol=SASL_SSL",
      "sasl.mechanism=SCRAM-SHA-512",
      `sasl.jaas.config=${module} required username="${alice.user}" password="${password}";`,
      "ssl.truststore.type=PEM",
      "ssl.truststore.location=ca.pem",
    ];
    await writeFile(file, lines.join("\n"));
    const command = withClusterOptions(new Command("list")).action(() => {});
    command.parse(["--client-properties", file], { from: "user" });
    const { stdin, stderr } = process;
    const { signal } = new AbortController();
    const askPassword = () => Promise.reject(new Error("the properties have the password"));
    const host = { env: {}, cwd: secure.folder, stdin, stderr, signal, askPassword };
    const chosen = await chooseCluster(host, readSharedOptions(command));
    if (chosen.kind === "stack") throw new Error("the properties name a cluster");
    const { kind, bootstrap, security } = chosen;
    const cluster = openCluster({ kind, bootstrap, security });
    expect((await listTopics(cluster)).map(({ name }) => name)).toContain(topic);
    cluster.close();
  });

  test("a connection must be opened anew when its session ends", async () => {
    using cluster = await open({
      listener: "LOGIN",
      sasl: { ...alice, mechanism: "SCRAM-SHA-256" },
    });
    const { brokers } = await cluster.metadata([]);
    // The broker ends it when it gets a request after 1 s.
    await sleep(1200);
    const again = await cluster.ask(brokers[0]?.id ?? 0, metadataRequest([]));
    expect(again.brokers).toEqual(brokers);
  });

  const plain: SaslCredentials = { ...alice, mechanism: "PLAIN" };
  const refused: readonly (readonly [string, Way, { why: string; next: string }])[] = [
    [
      "a wrong password",
      { listener: "LOGIN", sasl: { ...plain, password: "wrong" } },
      { why: "refuses user alice: SASL_AUTHENTICATION_FAILED", next: "--password-file" },
    ],
    [
      "a wrong password for SCRAM",
      { listener: "LOGIN", sasl: { ...bob, mechanism: "SCRAM-SHA-512" } },
      { why: "refuses user bob: SASL_AUTHENTICATION_FAILED", next: "--password-file" },
    ],
    [
      "a mechanism that the listener does not take",
      { listener: "TLSLOGIN", ca: "ca.pem", sasl: plain },
      { why: "does not take PLAIN; it takes SCRAM-SHA-512", next: "--sasl SCRAM-SHA-512" },
    ],
    ["no login", { listener: "LOGIN" }, { why: "without SASL", next: "--sasl MECHANISM" }],
    [
      "a login where there is none",
      { listener: "PLAIN", sasl: plain },
      { why: "does not use SASL", next: "leave out --sasl" },
    ],
    [
      "TLS to a plain port",
      { listener: "PLAIN", ca: "ca.pem" },
      { why: "does not answer TLS", next: "leave out --tls" },
    ],
    ["no TLS", { listener: "MUTUAL" }, { why: "speaks TLS", next: "add --tls" }],
    [
      "an authority that is not known",
      { listener: "MUTUAL", ca: "other-ca.pem" },
      { why: "certificate", next: "--tls-ca FILE" },
    ],
    [
      "a certificate for another name",
      { listener: "MUTUAL", ca: "ca.pem", host: "localhost" },
      { why: "does not match certificate's altnames", next: "--tls-server-name" },
    ],
    [
      "a certificate that has expired",
      { listener: "EXPIRED", ca: "ca.pem" },
      { why: "certificate has expired", next: "valid today" },
    ],
    [
      "no certificate where one is wanted",
      { listener: "MUTUAL", ca: "ca.pem" },
      { why: "refuses the handshake", next: "--tls-cert FILE" },
    ],
    [
      "a certificate of another authority",
      { listener: "MUTUAL", ca: "ca.pem", own: "other/client" },
      { why: "refuses the handshake", next: "--tls-cert FILE" },
    ],
  ];

  // What TLS and SASL refuse has nothing to do with where Kafka keeps its metadata.
  const tried = mode === "kraft" ? refused : [];
  test.concurrent.each(tried)("%s must be told with what to do", async (_, way, told) => {
    using cluster = await open(way);
    const failure = await listTopics(cluster).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "kafka-failed",
      message: "the brokers take no requests from dp",
      why: expect.stringContaining(told.why),
      next: expect.stringContaining(told.next),
    });
    expect(inspect(failure)).not.toContain(way.sasl?.password ?? "no password");
  });

  test("who may see a topic but not write to it must be told the right that is missing", async () => {
    const seen = "seen";
    using own = await open({ listener: "PLAIN" });
    await createTopic(own, { name: seen, partitions: 1, replication: 1, config: {} });
    await secure.running.exec(1, [
      "/opt/kafka/bin/kafka-acls.sh",
      "--bootstrap-server=localhost:9092",
      "--add",
      `--allow-principal=User:${bob.user}`,
      "--operation=Describe",
      `--topic=${seen}`,
    ]);
    using cluster = await open({ listener: "LOGIN", sasl: { ...bob, mechanism: "PLAIN" } });
    const write = (acks: Acks) =>
      produceRecords({ cluster, topic: seen, records: records(3), acks });
    const next = expect.stringContaining(`--operation Write --topic ${seen}`);
    // Without a producer id the records themselves are refused.
    expect(await write(1)).toMatchObject({
      records: 0,
      failed: 3,
      ended: expect.stringContaining("TOPIC_AUTHORIZATION_FAILED"),
      failures: [{ next }],
    });
    await expect(write("all")).rejects.toMatchObject({
      why: expect.stringContaining("CLUSTER_AUTHORIZATION_FAILED"),
      next,
    });
  });

  test("who may not use a topic must be told so, and that the topic is there", async () => {
    using cluster = await open({ listener: "LOGIN", sasl: { ...bob, mechanism: "PLAIN" } });
    for (const attempt of [
      readTopic(cluster, topic),
      produceRecords({ cluster, topic, records: records(1) }),
    ]) {
      await expect(attempt).rejects.toMatchObject({
        code: "kafka-failed",
        why: expect.stringContaining("TOPIC_AUTHORIZATION_FAILED"),
        next: expect.stringContaining("kafka-acls.sh"),
      });
    }
  });
});
