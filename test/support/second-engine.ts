import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { connectEngine, type Engine } from "../../src/docker/engine/connect.ts";
import { engineClient } from "./docker.ts";
import { endProcesses } from "./end-processes.ts";
import { until } from "./until.ts";

/** An engine of its own beside the machine's: nothing but the kernel is shared. */
export interface SecondEngine extends AsyncDisposable {
  /** `unix://…`, a value for DOCKER_HOST. */
  readonly host: string;
  /** Gone when the engine is disposed of; a test may put its own files there. */
  readonly folder: string;
  /** Starts it again after stop(). */
  start(): Promise<void>;
  /** SIGTERM also stops its containers; after SIGKILL they live on, and a start takes ten seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  connect(): Promise<Engine>;
  /** Gives it an image that the machine's engine has. */
  loadImage(ref: string): Promise<void>;
}

/**
 * Starts a dockerd with its own folders, bridge and addresses; takes about two seconds, and root.
 * Without iptables: ports that it publishes on 127.0.0.1 work, its containers don't reach each
 * other, and the rules of the machine's engine stay. `options` are added to its command line and may
 * name files in `folder`.
 */
export async function startSecondEngine(
  options: (folder: string) => readonly string[] | Promise<readonly string[]> = () => [],
): Promise<SecondEngine> {
  const folder = await mkdtemp(join(tmpdir(), "dp-engine-"));
  const bridge = `dpe${process.pid}`;
  const net = `10.${128 + (process.pid % 100)}`;
  const host = `unix://${join(folder, "sock")}`;
  const pidFile = join(folder, "pid");
  const added = await options(folder);
  await mkdir(join(folder, "exec"));
  await execa("ip", ["link", "add", bridge, "type", "bridge"]);
  await execa("ip", ["addr", "add", `${net}.0.1/24`, "dev", bridge]);
  await execa("ip", ["link", "set", bridge, "up"]);
  let dockerd: ReturnType<typeof startDockerd> | undefined;
  const connect = (): Promise<Engine> =>
    connectEngine(
      { decided: true, list: [{ origin: "second engine", url: host }] },
      new AbortController().signal,
    );

  const stop: SecondEngine["stop"] = async (signal = "SIGTERM") => {
    if (!dockerd || dockerd.exitCode !== null || dockerd.signalCode !== null) return;
    const ended = new Promise((resolve) => dockerd?.once("exit", resolve));
    dockerd.kill(signal);
    await ended;
  };

  const start: SecondEngine["start"] = async () => {
    // Of one that was killed; it took its containerd along.
    await rm(pidFile, { force: true });
    await rm(join(folder, "exec/containerd/containerd.pid"), { force: true });
    const folders = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
    const network = ["--bridge", bridge, "--iptables=false"];
    // With a pool, of eight networks, a second start removes docker0, which is the other engine's: it
    // goes without.
    const pool = dockerd ? [] : ["--default-address-pool", `base=${net}.128.0/17,size=20`];
    const own = ["-H", host, "--pidfile", pidFile, ...folders, ...network, ...pool];
    dockerd = startDockerd([...own, ...added], join(folder, "log"));
    const answers = (): Promise<boolean> =>
      connect().then(
        () => true,
        () => false,
      );
    try {
      await until(async () => dockerd?.exitCode !== null || (await answers()), 60_000);
      if (dockerd.exitCode !== null) throw new Error("dockerd ended at once");
    } catch (thrown) {
      throw new Error(await readFile(join(folder, "log"), "utf8"), { cause: thrown });
    }
  };

  const remove = async (): Promise<void> => {
    await stop();
    // Containers of an engine that was killed.
    await endProcesses(join(folder, "exec"));
    const mounts = (await readFile("/proc/self/mounts", "utf8"))
      .split("\n")
      .flatMap((line) => line.split(" ").slice(1, 2))
      .filter((path) => path.startsWith(`${folder}/`));
    for (const path of mounts.toReversed()) await execa("umount", ["-l", path]);
    const links = [bridge, ...(await networksOf(net))];
    for (const link of links) await execa("ip", ["link", "del", link]);
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    host,
    folder,
    start,
    stop,
    connect,
    loadImage: async (ref) => {
      const from = await engineClient();
      const to = await (await connect()).client();
      const loaded = await to.loadImage(await from.getImage(ref).get(), { quiet: true });
      for await (const _ of loaded) continue;
    },
    [Symbol.asyncDispose]: remove,
  };
}

function startDockerd(args: readonly string[], log: string) {
  const output = { file: log, append: true } as const;
  return execa("dockerd", args, {
    stdin: "ignore",
    stdout: output,
    stderr: output,
    buffer: false,
    // It stops its containers on SIGTERM, however long that takes.
    forceKillAfterDelay: false,
    reject: false,
  });
}

/** The bridges of the networks of an engine that was killed, by the addresses that they have. */
async function networksOf(net: string): Promise<string[]> {
  const { stdout } = await execa("ip", ["-o", "-4", "addr", "show"]);
  const lines = stdout.split("\n").map((line) => line.split(/\s+/));
  return lines.flatMap(([, link = "", , address = ""]) =>
    link.startsWith("br-") && address.startsWith(`${net}.`) ? [link] : [],
  );
}
