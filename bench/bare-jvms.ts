import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Engine } from "../src/docker/engine/connect.ts";
import { findFreePorts } from "../src/docker/stack/ports.ts";
import { waitUntilReady } from "../src/async/wait-until-ready.ts";
import { checkBrokers } from "../src/kafka/cluster/probe.ts";
import type { ContainerSpec } from "../src/model/containers.ts";
import type { SettledStack } from "../src/model/settled.ts";
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
  /** Milliseconds from the start of all JVMs on this machine until all are ready. */
  readonly up: Contestant;
}

/**
 * One ZooKeeper node and the brokers of a stack without any container: the files of the image by chroot, with the
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
  const { kafka } = stack;
  if (!kafka) throw new Error("a stack with ZooKeeper and brokers is needed");
  const client = await engine.client();
  const { Config } = await client.getImage(kafka.image.id).inspect();
  const root = await unpackImage({ engine, cache, note, image: kafka.image.id, signal });
  const folder = await mkdtemp(join(root, "tmp", `${newName()}-`));
  const inside = folder.slice(root.length);
  const [client2181 = 0, ...rest] = await findFreePorts(1 + 2 * kafka.brokers);
  const ports: BarePorts = {
    client: client2181,
    internal: rest.slice(0, kafka.brokers),
    external: rest.slice(kafka.brokers),
  };
  const specs = onLoopback(stack, { inside, ports });
  const start = ({ service, files, environment, command }: ContainerSpec): ChildProcess => {
    const env = [...Config.Env, ...Object.entries(environment).map((pair) => pair.join("="))];
    const path = files[0]?.path ?? "";
    const own = command.map((word) => (word === path ? join(inside, service, path) : word));
    return runInside({ root, env, command: own });
  };
  return {
    up: async () => {
      await resetFolders(folder, specs);
      const startedAt = performance.now();
      const running = specs.map(start);
      try {
        await allReady({ ports, running, signal });
        return performance.now() - startedAt;
      } finally {
        await Promise.all(running.map(kill));
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

interface BarePorts {
  readonly client: number;
  /** One for each broker. */
  readonly internal: readonly number[];
  readonly external: readonly number[];
}

/** What dp would run in containers, with addresses and folders of this machine. */
function onLoopback(
  stack: SettledStack,
  { inside, ports }: { readonly inside: string; readonly ports: BarePorts },
): ContainerSpec[] {
  const { zookeeper, kafka } = stack;
  if (!zookeeper || !kafka) throw new Error("a stack with ZooKeeper and brokers is needed");
  const zookeepers = zookeeperContainers({
    ...stack,
    zookeeper: {
      ...zookeeper,
      config: { clientPort: String(ports.client), dataDir: `${inside}/zookeeper-1/data` },
    },
  });
  const brokers = ports.internal.flatMap((internal, index) => {
    const listeners = `INTERNAL://127.0.0.1:${internal},EXTERNAL://127.0.0.1:${ports.external[index]}`;
    const config = {
      "zookeeper.connect": `127.0.0.1:${ports.client}/${stack.name}`,
      "log.dirs": `${inside}/kafka-${index + 1}/data`,
      listeners,
      "advertised.listeners": listeners,
    };
    return kafkaContainers({ ...stack, kafka: { ...kafka, config } }).slice(index, index + 1);
  });
  return [...zookeepers, ...brokers];
}

/** Empty data folders and fresh configuration below `folder`, one folder for each JVM. */
async function resetFolders(folder: string, specs: readonly ContainerSpec[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const { service, files } of specs) {
    for (const { path, content } of files) {
      await mkdir(join(folder, service, dirname(path)), { recursive: true });
      await writeFile(join(folder, service, path), content);
    }
    await mkdir(join(folder, service, "data"), { recursive: true });
    await chown(join(folder, service, "data"), user, user);
  }
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

async function allReady(wait: {
  readonly ports: BarePorts;
  readonly running: readonly ChildProcess[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ports, running, signal } = wait;
  const ended = new AbortController();
  for (const child of running) {
    child.once("exit", (code) => ended.abort(new Error(`a bare JVM ended with ${code}`)));
    child.once("error", (error) => ended.abort(error));
  }
  await allAnswer(ports, AbortSignal.any([signal, ended.signal]));
}

/** Resolves when one ZooKeeper node and all brokers on ports of this machine are ready. */
export async function allAnswer(
  ports: { readonly client: number; readonly external: readonly number[] },
  signal: AbortSignal,
): Promise<void> {
  const limits = { timeoutMs: readyTimeoutMs, signal };
  const at = (port: number): { host: string; port: number } => ({ host: "127.0.0.1", port });
  const brokers = ports.external.map((port, index) => ({
    id: index + 1,
    service: `kafka-${index + 1}`,
    address: at(port),
  }));
  await Promise.all([
    waitUntilReady({
      ...limits,
      target: "ZooKeeper",
      probe: (stop) =>
        checkZooKeeper([{ service: "zookeeper-1", address: at(ports.client) }], { signal: stop }),
    }),
    waitUntilReady({
      ...limits,
      target: "brokers",
      probe: (stop) => checkBrokers(brokers, { signal: stop }),
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
