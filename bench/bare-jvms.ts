import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Engine } from "../src/docker/connect.ts";
import { findFreePorts } from "../src/docker/ports.ts";
import { waitUntilReady } from "../src/health/wait.ts";
import { checkBrokers } from "../src/kafka/probe.ts";
import type {
  ContainerSpec,
  SettledKafka,
  SettledStack,
  SettledZooKeeper,
} from "../src/stack/model.ts";
import { kafkaContainers } from "../src/stack/services/kafka.ts";
import { zookeeperContainers } from "../src/stack/services/zookeeper.ts";
import { checkZooKeeper } from "../src/zookeeper/four-letter.ts";
import type { BenchContext } from "./context.ts";
import type { Contestant } from "./measure.ts";
import { newName } from "./stack.ts";

/** The image's user: appuser, as in the official image. */
const user = 1000;
const readyTimeoutMs = 60_000;

export interface BareJvms extends AsyncDisposable {
  /** Milliseconds from the start of both JVMs on this machine until both are ready. */
  readonly up: Contestant;
}

/**
 * ZooKeeper and one broker without any container: the files of the image by chroot, with the
 * configuration and environment that dp gives them. The floor for `dp up`. Throws Error where that
 * can't be done (it takes root on Linux).
 */
export async function createBareJvms(
  { signal, cache, note }: BenchContext,
  { engine, stack }: { readonly engine: Engine; readonly stack: SettledStack },
): Promise<BareJvms> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("chroot takes root on Linux");
  }
  const { zookeeper, kafka } = stack;
  if (!zookeeper || !kafka) throw new Error("a stack with ZooKeeper and a broker is needed");
  const client = await engine.client();
  const { Config } = await client.getImage(kafka.image.id).inspect();
  const root = await unpackImage({ engine, cache, note, image: kafka.image.id, signal });
  const folder = await mkdtemp(join(root, "tmp", `${newName()}-`));
  const inside = folder.slice(root.length);
  const ports = await findFreePorts(3);
  const start = ({ files, environment, command }: ContainerSpec, name: string): ChildProcess => {
    const env = [...Config.Env, ...Object.entries(environment).map((pair) => pair.join("="))];
    const path = files[0]?.path ?? "";
    const own = command.map((word) => (word === path ? join(inside, name, path) : word));
    return runInside({ root, env, command: own });
  };
  return {
    up: async () => {
      const specs = onLoopback({ stack, zookeeper, kafka, inside, ports });
      await resetFolders(folder, specs);
      const startedAt = performance.now();
      const running = [start(specs.zookeeper, "zookeeper"), start(specs.kafka, "kafka")];
      try {
        await bothReady({ ports, running, signal });
        return performance.now() - startedAt;
      } finally {
        await Promise.all(running.map(kill));
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What dp would run in containers, with addresses and folders of this machine. */
function onLoopback(input: {
  readonly stack: SettledStack;
  readonly zookeeper: SettledZooKeeper;
  readonly kafka: SettledKafka;
  readonly inside: string;
  readonly ports: readonly number[];
}): { zookeeper: ContainerSpec; kafka: ContainerSpec } {
  const { stack, zookeeper, kafka, inside, ports } = input;
  const [client, internal, external] = ports;
  const local = (port: number | undefined): string => `127.0.0.1:${port}`;
  const moved: SettledStack = {
    ...stack,
    zookeeper: {
      ...zookeeper,
      config: { clientPort: String(client), dataDir: `${inside}/zookeeper/data` },
    },
    kafka: {
      ...kafka,
      config: {
        "zookeeper.connect": `${local(client)}/${stack.name}`,
        "log.dirs": `${inside}/kafka/data`,
        listeners: `INTERNAL://${local(internal)},EXTERNAL://${local(external)}`,
        "advertised.listeners": `INTERNAL://${local(internal)},EXTERNAL://${local(external)}`,
      },
    },
  };
  const [first] = zookeeperContainers(moved);
  const [second] = kafkaContainers(moved);
  if (!first || !second) throw new Error("a stack with ZooKeeper and a broker is needed");
  return { zookeeper: first, kafka: second };
}

/** Empty data folders and fresh configuration below `folder`, one folder for each of the two. */
async function resetFolders(
  folder: string,
  specs: Readonly<Record<"zookeeper" | "kafka", ContainerSpec>>,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [name, { files }] of Object.entries(specs)) {
    for (const { path, content } of files) {
      await mkdir(join(folder, name, dirname(path)), { recursive: true });
      await writeFile(join(folder, name, path), content);
    }
    await mkdir(join(folder, name, "data"), { recursive: true });
  }
  const { chown } = await import("node:fs/promises");
  for (const name of Object.keys(specs)) await chown(join(folder, name, "data"), user, user);
}

/** The mounts live in a namespace of the process, so they end with it. */
const mountAndEnter = `mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot --userspec=${user}:${user} "$0" /usr/bin/env -i "$@"`;

function runInside(run: {
  readonly root: string;
  readonly env: readonly string[];
  readonly command: readonly string[];
}): ChildProcess {
  const { root, env, command } = run;
  return spawn(
    "unshare",
    ["--mount", "--propagation", "private", "sh", "-c", mountAndEnter, root, ...env, ...command],
    { stdio: "ignore" },
  );
}

async function bothReady(wait: {
  readonly ports: readonly number[];
  readonly running: readonly ChildProcess[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ports, running, signal } = wait;
  const [client = 0, , external = 0] = ports;
  const ended = new AbortController();
  for (const child of running) {
    child.once("exit", (code) => ended.abort(new Error(`a bare JVM ended with ${code}`)));
    child.once("error", (error) => ended.abort(error));
  }
  const limits = { timeoutMs: readyTimeoutMs, signal: AbortSignal.any([signal, ended.signal]) };
  const at = (port: number): { host: string; port: number } => ({ host: "127.0.0.1", port });
  await Promise.all([
    waitUntilReady({
      ...limits,
      target: "bare ZooKeeper",
      probe: (stop) => checkZooKeeper([{ service: "zookeeper-1", address: at(client) }], stop),
    }),
    waitUntilReady({
      ...limits,
      target: "bare broker",
      probe: (stop) =>
        checkBrokers([{ id: 1, service: "kafka-1", address: at(external) }], { signal: stop }),
    }),
  ]);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** The image's files as a folder, made once for each image. */
async function unpackImage(input: {
  readonly engine: Engine;
  readonly cache: string;
  readonly note: BenchContext["note"];
  readonly image: string;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { engine, cache, note, image, signal } = input;
  const root = join(cache, `rootfs-${image.replace("sha256:", "").slice(0, 12)}`);
  if (existsSync(root)) return root;
  note("unpacking the image for the bare JVMs");
  const fresh = `${root}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const client = await engine.client();
  const container = await client.createContainer({ Image: image, name: newName() });
  try {
    const tar = spawn("tar", ["-x", "-C", fresh], { stdio: ["pipe", "ignore", "inherit"] });
    const exit = once(tar, "exit");
    // tar ends at the archive's end mark, which may be before the stream's: its exit code judges.
    await pipeline(await container.export(), tar.stdin, { signal }).catch(() => {});
    const [code] = (await exit) as [number | null];
    if (code !== 0) throw new Error(`tar ended with ${code}`);
  } finally {
    await container.remove({ force: true, v: true });
  }
  // The engine writes this file at start; a JVM looks its own name up.
  await writeFile(join(fresh, "etc/hosts"), `127.0.0.1 localhost ${hostname()}\n`);
  await rename(fresh, root);
  return root;
}
