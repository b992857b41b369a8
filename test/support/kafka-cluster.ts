import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Kafka, logLevel } from "kafkajs";
import { pauseContainer } from "./pause.ts";

/** What a test needs to use a cluster. */
export interface ClusterAccess {
  readonly mode: "zookeeper" | "kraft";
  /** What the names of its containers begin with. */
  readonly name: string;
  /** Broker i + 1 stands at i. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** The same, as the client of a shell wants them. */
  readonly bootstrap: string;
  readonly zookeeper: { readonly host: string; readonly port: number } | undefined;
  /** Where the brokers live in ZooKeeper. */
  readonly chroot: string;
  /** Runs a command in the container of broker `id`; standard output. */
  exec(id: number, command: readonly string[], input?: string): Promise<string>;
}

/** A cluster for tests of adapters, made with the docker client alone: no code of dp takes part. */
export interface TestCluster extends ClusterAccess, AsyncDisposable {
  /** Where broker 1 takes connections besides, by the names of the listeners that were asked for. */
  readonly listeners: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  /** SIGKILL. */
  kill(id: number): Promise<void>;
  pause(id: number): Promise<void>;
  unpause(id: number): Promise<void>;
}

/** One more listener of each broker; what it needs besides is in `config`. */
export interface ExtraListener {
  readonly name: string;
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** `host:port` that the broker sends clients to; where it is published unless given. */
  readonly advertised?: string;
}

const versions = { zookeeper: "3.9.2", kraft: "4.3.1" };
const chroot = "/test";
/** Of the listeners asked for, in the container. */
const firstExtraPort = 19_100;
const clusterId = "5L6g3nShT-eMCtK--X86sw";
const environment = [
  "KAFKA_JVM_PERFORMANCE_OPTS=-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:SharedArchiveFile=/opt/kafka/kafka.jsa",
  "KAFKA_HEAP_OPTS=-Xms128m -Xmx384m",
];

/** Starts it and waits until every broker accepts connections and knows all others. */
export async function startCluster(options: {
  brokers: number;
  mode: "zookeeper" | "kraft";
  /** How long ZooKeeper takes a killed broker to be alive; 6 s unless given. */
  sessionMs?: number;
  /** More lines of server.properties. */
  config?: readonly string[];
  listeners?: readonly ExtraListener[];
  /** A folder whose content lies in /etc/dp of each broker. */
  files?: string;
  image?: string;
}): Promise<TestCluster> {
  const { brokers, mode, sessionMs = 6000, config = [], listeners = [], files } = options;
  const image = options.image ?? (await newestImage(versions[mode]));
  const prefix = `kfk-${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  const ports = await freePorts((brokers + 1) * (1 + listeners.length));
  const nameOf = (id: number) => containerName(prefix, id);
  const ids = Array.from({ length: brokers }, (_, index) => index + 1);
  /** Of the listener at `index`, on broker `id`; the first ports are those that every cluster has. */
  const extraPort = (id: number, index: number) => ports[(brokers + 1) * (index + 1) + id] ?? 0;
  const members = mode === "zookeeper" ? [0, ...ids] : ids;

  const cluster: TestCluster = {
    mode,
    name: prefix,
    addresses: ids.map((id) => ({ host: "127.0.0.1", port: ports[id] ?? 0 })),
    bootstrap: ids.map((id) => `127.0.0.1:${ports[id]}`).join(),
    zookeeper: mode === "zookeeper" ? { host: "127.0.0.1", port: ports[0] ?? 0 } : undefined,
    listeners: Object.fromEntries(
      listeners.map(({ name }, index) => [name, { host: "127.0.0.1", port: extraPort(1, index) }]),
    ),
    chroot,
    exec: execIn(prefix),
    kill: async (id) => void (await execa("docker", ["kill", nameOf(id)])),
    pause: (id) => pauseContainer(nameOf(id)),
    unpause: async (id) => void (await execa("docker", ["unpause", nameOf(id)])),
    async [Symbol.asyncDispose]() {
      await execa("docker", ["rm", "-f", "-v", ...members.map(nameOf)], { reject: false });
      await execa("docker", ["network", "rm", prefix], { reject: false });
      await rm(folder, { recursive: true, force: true });
    },
  };

  try {
    await execa("docker", ["network", "create", prefix]);
    await Promise.all(
      members.map(async (id) => {
        const own = join(folder, String(id), "dp");
        await mkdir(own, { recursive: true });
        if (files !== undefined) await cp(files, own, { recursive: true });
        const name = nameOf(id);
        const port = ports[id] ?? 0;
        const file = id === 0 ? "zoo.cfg" : "server.properties";
        const extra = listeners.map((listener, index) => {
          const { advertised = `127.0.0.1:${extraPort(id, index)}` } = listener;
          return { ...listener, advertised, inside: firstExtraPort + index };
        });
        const broker = { id, ids, mode, port, nameOf, sessionMs, config, extra };
        const text = id === 0 ? zooCfg : serverProperties(broker);
        await writeFile(join(own, file), text);
        await execa("docker", [
          "create",
          `--name=${name}`,
          `--hostname=${name}`,
          `--network=${prefix}`,
          `--publish=127.0.0.1:${port}:${id === 0 ? 2181 : 19092}`,
          ...extra.flatMap(({ inside }, index) =>
            id === 0 ? [] : [`--publish=127.0.0.1:${extraPort(id, index)}:${inside}`],
          ),
          ...environment.map((line) => `--env=${line}`),
          `--env=EXTRA_ARGS=-name ${id === 0 ? "zookeeper" : "kafkaServer"}`,
          image,
          ...commandOf(id, mode),
        ]);
        await execa("docker", ["cp", own, `${name}:/etc/dp`]);
      }),
    );
    await execa("docker", ["start", ...members.map(nameOf)]);
    await Promise.all(cluster.addresses.map((address) => untilBrokersListed(address, brokers)));
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

function containerName(prefix: string, id: number): string {
  return id === 0 ? `${prefix}-zk` : `${prefix}-k${id}`;
}

/** `exec` of the cluster whose containers begin with `prefix`. */
export function execIn(prefix: string): ClusterAccess["exec"] {
  return async (id, command, input = "") => {
    const docker = ["exec", "-i", containerName(prefix, id), ...command];
    return (await execa("docker", docker, { input })).stdout;
  };
}

/** Built by `dp images build`; the engine lists the newest first. */
async function newestImage(version: string): Promise<string> {
  const listed = await execa("docker", ["image", "ls", "--format={{.Tag}}", "dp-kafka"]);
  const tag = listed.stdout.split("\n").find((one) => one.startsWith(`${version}-`));
  if (tag === undefined) throw new Error(`no image dp-kafka:${version}-…: run dp images build`);
  return `dp-kafka:${tag}`;
}

/** Asks for connection after connection: the published port accepts before the broker listens. */
async function untilBrokersListed(
  { host, port }: { readonly host: string; readonly port: number },
  brokers: number,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await brokersKnownAt(`${host}:${port}`).catch((error: unknown) => String(error));
    if (answer === brokers) return;
    if (Date.now() > deadline) throw new Error(`${host}:${port} is not ready: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function brokersKnownAt(address: string): Promise<number> {
  const client = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    connectionTimeout: 1000,
    requestTimeout: 1000,
  });
  const admin = client.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
}

const zooCfg = [
  // Sessions end in steps of this length.
  "tickTime=500",
  "dataDir=/var/lib/kafka/data",
  "clientPort=2181",
  "maxClientCnxns=0",
  "admin.enableServer=false",
  "4lw.commands.whitelist=srvr",
  "",
].join("\n");

function commandOf(id: number, mode: "zookeeper" | "kraft"): string[] {
  if (id === 0) return ["/opt/kafka/bin/zookeeper-server-start.sh", "/etc/dp/zoo.cfg"];
  const start = "/opt/kafka/bin/kafka-server-start.sh /etc/dp/server.properties";
  if (mode === "zookeeper") return start.split(" ");
  const data = "/var/lib/kafka/data";
  const meta = `version=1\\ncluster.id=${clusterId}\\nnode.id=${id}\\ndirectory.id=AAAAAAAAAAAAAAAAAAA${"ABCD"[id]}Aw\\n`;
  return [
    "/bin/sh",
    "-c",
    `cp /opt/kafka/bootstrap.checkpoint ${data}/ && printf '${meta}' > ${data}/meta.properties && exec ${start}`,
  ];
}

function serverProperties(options: {
  id: number;
  ids: readonly number[];
  mode: "zookeeper" | "kraft";
  port: number;
  nameOf: (id: number) => string;
  sessionMs: number;
  config: readonly string[];
  extra: readonly (Required<ExtraListener> & { readonly inside: number })[];
}): string {
  const { id, ids, mode, port, nameOf, sessionMs, config, extra } = options;
  const more = (text: (one: (typeof extra)[number]) => string) =>
    extra.map((one) => `,${text(one)}`).join("");
  const inside = more(({ name, inside: at }) => `${name}://:${at}`);
  const protocols = more(({ name, protocol }) => `${name}:${protocol}`);
  const advertised = more(({ name, advertised: at }) => `${name}://${at}`);
  const replicas = Math.min(3, ids.length);
  const shared = [
    "auto.create.topics.enable=false",
    "offsets.topic.num.partitions=5",
    "group.initial.rebalance.delay.ms=0",
    "log.dirs=/var/lib/kafka/data",
    "log.cleaner.dedupe.buffer.size=4194304",
    `default.replication.factor=${replicas}`,
    `offsets.topic.replication.factor=${replicas}`,
    `transaction.state.log.replication.factor=${replicas}`,
    "transaction.state.log.num.partitions=5",
    "transaction.state.log.min.isr=1",
    `advertised.listeners=INTERNAL://${nameOf(id)}:9092,EXTERNAL://127.0.0.1:${port}${advertised}`,
    "inter.broker.listener.name=INTERNAL",
  ];
  const own =
    mode === "zookeeper"
      ? [
          `broker.id=${id}`,
          `zookeeper.connect=${nameOf(0)}:2181${chroot}`,
          `zookeeper.session.timeout.ms=${sessionMs}`,
          "zookeeper.connection.timeout.ms=30000",
          `listeners=INTERNAL://:9092,EXTERNAL://:19092${inside}`,
          `listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT${protocols}`,
        ]
      : [
          "process.roles=broker,controller",
          `node.id=${id}`,
          `controller.quorum.voters=${ids.map((one) => `${one}@${nameOf(one)}:9093`).join()}`,
          "controller.listener.names=CONTROLLER",
          `listeners=INTERNAL://:9092,EXTERNAL://:19092,CONTROLLER://:9093${inside}`,
          `listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
          "share.coordinator.state.topic.replication.factor=1",
          "share.coordinator.state.topic.min.isr=1",
        ];
  return [...shared, ...own, ...config, ""].join("\n");
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  return Promise.all(
    servers.map(async (server) => {
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      return port;
    }),
  );
}
