import { readdir, readFile } from "node:fs/promises";
import { release } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "../../docker/engine/connect.ts";
import { pidOf, type EngineFacts } from "../../docker/stack/engine-facts.ts";
import type { ContainerSpec, Observed, ObservedContainer } from "../../model/containers.ts";
import { cgroupOf, parseProcessLimit, type ThreadLimit, type ThreadNeed } from "./judge-threads.ts";

/** Threads that the parts of a stack were seen to have, rounded up. */
const usualThreads: Readonly<Record<ContainerSpec["kind"], number>> = {
  zookeeper: 40,
  kafka: 120,
  airflow: 100,
  postgres: 20,
  redis: 10,
  s3: 20,
  service: 10,
};

const cgroupRoot = "/sys/fs/cgroup";

/**
 * What bounds the threads of the engine's containers, and what the stack's still need within it;
 * undefined where the engine's kernel is not this machine's.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#pid, proc(5), getrlimit(2) RLIMIT_NPROC
 */
export async function askThreads(of: {
  readonly engine: Engine;
  readonly info: EngineFacts["info"];
  readonly specs: readonly ContainerSpec[];
  readonly observed: Observed;
  readonly signal: AbortSignal;
}): Promise<readonly ThreadLimit[] | undefined> {
  const { engine, info, specs, observed, signal } = of;
  if (engine.remote || info.KernelVersion !== release()) return undefined;
  const running = observed.containers.filter(({ state }) => state === "running");
  const needs = specs
    .filter(({ service }) => !running.some((one) => one.service === service))
    .map(({ service, kind }): ThreadNeed => ({ service, threads: usualThreads[kind] }));
  const processes = await Promise.all(running.map((one) => processOf(engine, one, signal)));
  const found = processes.flat();
  const [kernel, groups, users] = await Promise.all([
    kernelLimits(needs),
    groupLimits({ needs, found, driver: info.CgroupDriver }),
    userLimits(found, needs),
  ]);
  return [...kernel, ...groups, ...users];
}

interface ContainerProcess {
  readonly service: string;
  /** Of its /proc folder: `cgroup` and `limits`. */
  readonly cgroup: string;
  readonly limits: string;
  readonly uid: string;
}

async function processOf(
  engine: Engine,
  { id, service }: ObservedContainer,
  signal: AbortSignal,
): Promise<ContainerProcess[]> {
  const pid = await pidOf(engine, { id, signal });
  const read = (name: string): Promise<string> => readText(`/proc/${pid}/${name}`);
  const [cgroup, limits, status] = await Promise.all([
    read("cgroup"),
    read("limits"),
    read("status"),
  ]);
  return cgroup === "" ? [] : [{ service, cgroup, limits, uid: userOf(status) }];
}

async function kernelLimits(needs: readonly ThreadNeed[]): Promise<ThreadLimit[]> {
  // The fourth word is `runnable/all` threads.
  const used = Number((await readText("/proc/loadavg")).split(/[ /]/)[4]);
  const names = ["threads-max", "pid_max"];
  const limits = await Promise.all(names.map((name) => readNumber(`/proc/sys/kernel/${name}`)));
  return names.flatMap((name, index): ThreadLimit[] => {
    const limit = limits[index];
    if (limit === undefined || Number.isNaN(used)) return [];
    return [{ name: `kernel.${name}`, limit, used, needs, mend: `sysctl -w kernel.${name}=…` }];
  });
}

/** Limits of the containers' own control groups, and of those above, which they share. */
async function groupLimits(of: {
  readonly needs: readonly ThreadNeed[];
  readonly found: readonly ContainerProcess[];
  readonly driver: string | undefined;
}): Promise<ThreadLimit[]> {
  const { needs, found, driver } = of;
  const own = found.flatMap(({ service, cgroup }) => {
    const path = cgroupOf(cgroup);
    return path === undefined ? [] : [{ service, path }];
  });
  // Where the engine puts what it starts, when nothing says otherwise.
  const usual = driver === "systemd" ? "system.slice" : "docker";
  const parents = [`${cgroupRoot}/pids/${usual}`, `${cgroupRoot}/${usual}`];
  const shared = [...parents, ...own.map(({ path }) => dirname(path))].flatMap(upwards);
  const limits = await Promise.all([
    ...[...new Set(shared)].map((path) => {
      const name = join(path, "pids.max");
      const mend = `raise ${name}: TasksMax of its systemd unit, or the limit of the pod around it`;
      return groupLimit(path, { name, needs, mend });
    }),
    ...own.map(({ service, path }) => {
      const mend = `raise the engine's limit for containers (Podman: pids_limit in containers.conf), then dp up --recreate ${service}`;
      return groupLimit(path, { name: `pids limit of ${service}`, needs: [], mend });
    }),
  ]);
  return limits.flat();
}

function upwards(path: string): string[] {
  return path.startsWith(`${cgroupRoot}/`) ? [path, ...upwards(dirname(path))] : [];
}

async function groupLimit(
  path: string,
  about: Pick<ThreadLimit, "name" | "needs" | "mend">,
): Promise<ThreadLimit[]> {
  const [limit, used] = await Promise.all([
    readNumber(join(path, "pids.max")),
    readNumber(join(path, "pids.current")),
  ]);
  return limit === undefined || used === undefined ? [] : [{ ...about, limit, used }];
}

/** What a user may have, whose processes are counted over all containers. */
async function userLimits(
  found: readonly ContainerProcess[],
  needs: readonly ThreadNeed[],
): Promise<ThreadLimit[]> {
  // The kernel does not hold root to it.
  const limited = new Map(
    found.flatMap(({ uid, limits }) => {
      const limit = parseProcessLimit(limits);
      return uid === "0" || limit === undefined ? [] : [[uid, limit] as const];
    }),
  );
  if (limited.size === 0) return [];
  const used = await threadsByUser();
  return [...limited].map(([uid, limit]): ThreadLimit => ({
    name: `nproc of user ${uid}`,
    limit,
    used: used.get(uid) ?? 0,
    needs,
    mend: 'raise "default-ulimits" of nproc in the engine\'s daemon.json, then dp up --recreate kafka',
  }));
}

async function threadsByUser(): Promise<ReadonlyMap<string, number>> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(processes.map((pid) => readText(`/proc/${pid}/status`)));
  const threads = new Map<string, number>();
  for (const text of texts) {
    const uid = userOf(text);
    const count = Number(/^Threads:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    threads.set(uid, (threads.get(uid) ?? 0) + count);
  }
  return threads;
}

function userOf(status: string): string {
  return /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? "";
}

/** Undefined for a file that is not there, and for one that names no limit: `max`. */
async function readNumber(path: string): Promise<number | undefined> {
  const text = (await readText(path)).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Empty for a file that is not there, or that may not be read. */
function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
