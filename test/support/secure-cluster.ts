import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificates } from "./certificates.ts";
import { startCluster, type TestCluster } from "./kafka-cluster.ts";

export interface SecureCluster extends AsyncDisposable {
  readonly running: TestCluster;
  /** ca.pem, client/cert.pem, client/key.pem and other-ca.pem, which signed nothing here. */
  readonly folder: string;
}

export const alice = { user: "alice", password: 'al;ce="1"' };
/** May not do anything. */
export const bob = { user: "bob", password: "bob-1" };

/** `login` takes PLAIN and both SCRAM, `tls-login` the same with TLS, `mutual` certificates. */
const listeners = [
  { name: "LOGIN", protocol: "SASL_PLAINTEXT" },
  { name: "TLSLOGIN", protocol: "SASL_SSL" },
  { name: "MUTUAL", protocol: "SSL" },
  { name: "EXPIRED", protocol: "SSL" },
  { name: "STRAY", protocol: "PLAINTEXT", advertised: "kafka.invalid:9092" },
] as const;

const superUsers = ["User:ANONYMOUS", "User:alice", "User:CN=client"];

/** A broker of every kind of listener, with an authorizer. SCRAM knows alice, PLAIN bob too. */
export async function startSecureCluster(mode: "zookeeper" | "kraft"): Promise<SecureCluster> {
  const folder = await mkdtemp(join(tmpdir(), "kfk-secure-"));
  await createCertificates(folder);
  await createCertificates(join(folder, "other"));
  await cp(join(folder, "other", "ca.pem"), join(folder, "other-ca.pem"));
  const files = join(folder, "files");
  await mkdir(files);
  await cp(join(folder, "ca.pem"), join(files, "ca.pem"));
  for (const name of ["server", "expired"]) {
    const parts = ["key.pem", "cert.pem"].map((part) => readFile(join(folder, name, part), "utf8"));
    await writeFile(join(files, `${name}.pem`), (await Promise.all(parts)).join(""));
  }
  const authorizer =
    mode === "kraft"
      ? "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
      : "kafka.security.authorizer.AclAuthorizer";
  const running = await startCluster({
    brokers: 1,
    mode,
    files,
    listeners,
    config: [
      `authorizer.class.name=${authorizer}`,
      `super.users=${superUsers.join(";")}`,
      "ssl.keystore.type=PEM",
      "ssl.keystore.location=/etc/dp/server.pem",
      "ssl.truststore.type=PEM",
      "ssl.truststore.location=/etc/dp/ca.pem",
      "listener.name.expired.ssl.keystore.location=/etc/dp/expired.pem",
      "listener.name.mutual.ssl.client.auth=required",
      "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      "listener.name.tlslogin.sasl.enabled.mechanisms=SCRAM-SHA-512",
      ...["login", "tlslogin"].flatMap((name) => loginConfig(`listener.name.${name}`)),
      // Short, so that a connection outlives its session in a test.
      "listener.name.login.scram-sha-256.connections.max.reauth.ms=1000",
    ],
  });
  await addScramUser(running).catch(async (thrown: unknown) => {
    await running[Symbol.asyncDispose]();
    throw thrown;
  });
  return {
    running,
    folder,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function loginConfig(prefix: string): string[] {
  const module = "org.apache.kafka.common.security";
  const users = [alice, bob].map(({ user, password }) => {
    const quoted = password.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\\", "\\\\");
    return `user_${user}="${quoted}"`;
  });
  return [
    `${prefix}.plain.sasl.jaas.config=${module}.plain.PlainLoginModule required ${users.join(" ")};`,
    `${prefix}.scram-sha-256.sasl.jaas.config=${module}.scram.ScramLoginModule required;`,
    `${prefix}.scram-sha-512.sasl.jaas.config=${module}.scram.ScramLoginModule required;`,
  ];
}

/**
 * By Kafka's own tool: nothing of dp takes part in what its logins are checked against. One after the
 * other, since with ZooKeeper each writes all of the user anew.
 */
async function addScramUser(running: TestCluster): Promise<void> {
  const { user, password } = alice;
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"]) {
    await running.exec(1, [
      "/opt/kafka/bin/kafka-configs.sh",
      "--bootstrap-server=localhost:9092",
      "--alter",
      `--entity-name=${user}`,
      "--entity-type=users",
      `--add-config=${mechanism}=[iterations=4096,password=${password}]`,
    ]);
  }
}
