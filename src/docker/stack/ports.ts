import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { DpError } from "../../errors.ts";
import type { OccupiedPort } from "../../model/containers.ts";

/** Ports of this machine's loopback that nobody holds; all different. */
export function findFreePorts(count: number): Promise<number[]> {
  return findPortsLike(Array.from({ length: count }, () => 0));
}

/** As many ports that nobody holds, all different: each as wished for, or another where that is taken. */
export async function findPortsLike(wishes: readonly number[]): Promise<number[]> {
  const servers: Server[] = [];
  for (const wish of wishes) servers.push(await listen(wish).catch(() => listen(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** Which of the ports somebody on this machine listens on. */
export async function findBusyPorts(ports: readonly number[]): Promise<Set<number>> {
  const busy = await Promise.all(ports.map(isBusy));
  return new Set(ports.filter((_, index) => busy[index]));
}

/** Throws DpError `port-taken` naming the container, or the program and its pid, for the first busy port. */
export async function refuseBusyPorts(
  ports: readonly number[],
  occupied: readonly OccupiedPort[],
): Promise<void> {
  const [port] = [...(await findBusyPorts(ports))];
  if (port === undefined) return;
  const container = occupied.find((taken) => taken.port === port);
  const owner = container?.owner ?? (await findListener(port)) ?? "another program";
  throw new DpError({
    code: "port-taken",
    message: `port ${port} is taken`,
    why: `${owner} listens on it`,
    next: `stop that, or choose another port in pipeline.yaml (\`port: auto\` takes a free one; DP_PORTS=auto does so for all)`,
  });
}

/** How dp and the engines, from 20.10 to 28, name a port that is taken: `docker run -p` of a held one. */
const takenPorts = [
  /\bport (\d+) is taken/,
  /:(\d+) failed: port is already allocated/,
  // listen tcp4 127.0.0.1:9092: bind: address already in use
  /:(\d+): bind: /,
  // failed to bind host port for 127.0.0.1:9092:172.18.0.2:9092/tcp: address already in use
  /bind host port (?:for )?(?:\[[^\]]*\]|[^:\s]*):(\d+)/,
];

/**
 * The port that a failure is about, be it found busy before the start or refused by the engine; undefined
 * for other failures.
 */
export function takenPortOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof DpError) || thrown.code !== "port-taken") return undefined;
  const text = `${thrown.message} ${thrown.why}`;
  const [port] = takenPorts.flatMap((words) => words.exec(text)?.[1] ?? []);
  return port === undefined ? undefined : Number(port);
}

async function isBusy(port: number): Promise<boolean> {
  try {
    await close(await listen(port));
    return false;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EADDRINUSE";
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The program that listens on a port, e.g. `python3 (pid 4711)`; undefined where /proc does not tell. */
export async function findListener(port: number): Promise<string | undefined> {
  const inodes = new Set(
    (await Promise.all(tables.map((table) => listeningInodes(table, port)))).flat(),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if (await holdsSocket(pid, inodes)) {
      const name = (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
      return `${name} (pid ${pid})`;
    }
  }
  return undefined;
}

const tables = ["/proc/net/tcp", "/proc/net/tcp6"] as const;

/** https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html: 0A is LISTEN, field 9 the inode. */
async function listeningInodes(table: string, port: number): Promise<string[]> {
  const text = await readFile(table, "utf8").catch(() => "");
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const listens = fields[3] === "0A" && fields[1]?.endsWith(suffix);
    return listens && fields[9] ? [fields[9]] : [];
  });
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode && inodes.has(inode)) return true;
  }
  return false;
}
