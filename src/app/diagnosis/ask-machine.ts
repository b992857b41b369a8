import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { hostname } from "node:os";
import type { Engine } from "../../docker/engine/connect.ts";
import { architectureOf, listStackContainers, pidOf } from "../../docker/stack/engine-facts.ts";
import { listRuns } from "../../docker/stack/left-runs.ts";
import { findPlaceProblem, lockFolder, type LockPlace } from "../stack/lock-folder.ts";
import { listLocks } from "../stack/lock.ts";
import { findBusyPorts, findListener } from "../../docker/stack/ports.ts";
import { listStacks } from "../../docker/stack/stack-list.ts";
import type { ContainerSpec, Observed } from "../../model/containers.ts";
import { replacedName } from "../../stack/names.ts";
import type { Host } from "../request.ts";
import type { PlatformFacts } from "./judge-engine.ts";
import {
  parseOpenFiles,
  type DiskFacts,
  type MemoryNeed,
  type ProcessLimits,
} from "./judge-resources.ts";
import type { LockFacts } from "./judge-locks.ts";
import type { Leftovers, ProxyFacts, WantedPort } from "./judge-surroundings.ts";

/** What the parts of a stack were seen to use when they have just started, in bytes. */
const usualBytes: Readonly<Record<ContainerSpec["kind"], number>> = {
  zookeeper: 100_000_000,
  kafka: 250_000_000,
  airflow: 650_000_000,
  postgres: 60_000_000,
  redis: 15_000_000,
  s3: 120_000_000,
  service: 0,
};
/** What a JVM takes beside its heap. */
const besideHeapBytes = 150_000_000;

/** What each container may come to use: its limit, else its heap and what the JVM takes beside it. */
export function memoryNeeds(specs: readonly ContainerSpec[]): MemoryNeed[] {
  return specs.flatMap(({ service, kind, memLimitBytes, environment }) => {
    if (memLimitBytes !== undefined) {
      return [{ service, bytes: memLimitBytes, because: "mem_limit" }];
    }
    const heap = /-Xmx(\d+)m/.exec(environment["KAFKA_HEAP_OPTS"] ?? "")?.[1];
    if (heap !== undefined) {
      const bytes = Number(heap) * 1024 ** 2 + besideHeapBytes;
      return [{ service, bytes, because: `heap ${heap}m and the JVM` }];
    }
    const bytes = usualBytes[kind];
    return bytes > 0 ? [{ service, bytes, because: "usual" }] : [];
  });
}

/** The room where the engine keeps its data, where that folder is one of this machine. */
export async function askDisk(engine: Engine, folder: string): Promise<DiskFacts> {
  if (engine.remote) return { folder, freeBytes: undefined };
  const found = await statfs(folder).catch(() => undefined);
  return { folder, freeBytes: found && found.bavail * found.bsize };
}

interface Asked {
  readonly engine: Engine;
  readonly observed: Observed;
  readonly signal: AbortSignal;
}

/** The limits of the brokers' processes, where these are processes of this machine. */
export async function askLimits({ engine, observed, signal }: Asked): Promise<ProcessLimits[]> {
  if (engine.remote) return [];
  const brokers = observed.containers.filter(
    ({ kind, state }) => kind === "kafka" && state === "running",
  );
  const found = await Promise.all(
    brokers.map(async ({ id, service }) => {
      const pid = await pidOf(engine, { id, signal });
      const text = await readFile(`/proc/${pid}/limits`, "utf8").catch(() => "");
      const openFiles = parseOpenFiles(text);
      return openFiles === undefined ? [] : [{ service, openFiles }];
    }),
  );
  return found.flat();
}

/** The images that the stack's containers run from. */
export async function askPlatform(
  { engine, observed, signal }: Asked,
  { arch, images }: { readonly arch: string; readonly images: readonly NamedImage[] },
): Promise<PlatformFacts> {
  const running = observed.containers.map(({ imageRef, imageId, service }) => ({
    ref: imageRef,
    id: imageId,
    usedBy: service,
  }));
  const distinct = new Map([...images, ...running].map((image) => [image.id, image]));
  const found = await Promise.all(
    [...distinct.values()].map(async ({ id, ref, usedBy }) => {
      const architecture = await architectureOf(engine, { ref: id, signal });
      return architecture === undefined ? [] : [{ ref, usedBy, architecture }];
    }),
  );
  return { engine: arch, images: found.flat() };
}

export interface NamedImage {
  readonly ref: string;
  readonly id: string;
  readonly usedBy: string;
}

/** Who has the ports that the file fixes; 0 is one that is chosen later. */
export async function askPorts(
  specs: readonly ContainerSpec[],
  { containers, occupiedPorts }: Observed,
): Promise<WantedPort[]> {
  const wanted = specs.flatMap(({ service, ports }) =>
    ports.filter(({ hostPort }) => hostPort !== 0).map(({ hostPort: port }) => ({ service, port })),
  );
  const own = new Set(
    containers
      .filter(({ state }) => state === "running" || state === "paused")
      .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
  );
  const busy = await findBusyPorts(wanted.map(({ port }) => port));
  return Promise.all(
    wanted.map(async ({ service, port }): Promise<WantedPort> => {
      if (own.has(port)) return { service, port, owner: "stack" };
      if (!busy.has(port)) return { service, port, owner: "nobody" };
      const container = occupiedPorts.find((taken) => taken.port === port);
      const name = container?.owner ?? (await findListener(port)) ?? "another program";
      return { service, port, owner: { name } };
    }),
  );
}

export async function askLeftovers(engine: Engine, signal: AbortSignal): Promise<Leftovers> {
  const [stacks, containers, runs] = await Promise.all([
    listStacks(engine, signal),
    listStackContainers(engine, signal),
    listRuns({ engine, signal }),
  ]);
  return {
    stacks: stacks.map(({ name, file, host, services, volumes }) => ({
      name,
      file,
      home: host !== hostname() ? "elsewhere" : existsSync(file) ? "here" : "gone",
      containers: services.length,
      volumes: volumes.length,
    })),
    replaced: containers.filter(
      ({ name, project, service }) => name === replacedName(project, service),
    ),
    runs: runs.filter(({ left }) => left),
  };
}

/** The locks of this machine's user: where they are, and which belong to a dead process. */
export async function askLocks(place: LockPlace): Promise<LockFacts> {
  const [unsafe, locks] = await Promise.all([findPlaceProblem(place), listLocks(place)]);
  return {
    folder: lockFolder(place),
    unsafe,
    // Options of a command may hold what nobody should read.
    stale: locks
      .filter(({ alive }) => !alive)
      .map(({ path, command }) => `${path} (${command.split(" ").slice(0, 2).join(" ")})`),
  };
}

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"];
const certificateVariables = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"];

export function askProxies(
  { env }: Host,
  info: { readonly HttpProxy?: string; readonly HttpsProxy?: string },
): ProxyFacts {
  const given = (names: readonly string[]): (readonly [string, string])[] =>
    names.flatMap((name) => {
      const value = env[name];
      return value ? [[name, value] as const] : [];
    });
  return {
    host: given(proxyVariables).map(([name, value]) => `${name}=${value}`),
    engine: Object.entries({ HttpProxy: info.HttpProxy, HttpsProxy: info.HttpsProxy }).flatMap(
      ([name, value]) => (value ? [`${name}=${value}`] : []),
    ),
    certificates: given(certificateVariables).map(([name, path]) => ({
      name,
      path,
      there: existsSync(path),
    })),
  };
}
