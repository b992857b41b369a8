import type { Engine } from "../engine/connect.ts";
import { parseLabels } from "./labels.ts";

/** What the engine says of itself and its machine. */
export interface EngineFacts {
  readonly version: {
    readonly Version: string;
    readonly ApiVersion: string;
    readonly Os: string;
    /** As images name it: `amd64`. */
    readonly Arch: string;
  };
  readonly info: {
    readonly OperatingSystem: string;
    readonly KernelVersion: string;
    readonly Driver: string;
    readonly CgroupVersion?: string;
    /** `cgroupfs` or `systemd`. */
    readonly CgroupDriver?: string;
    readonly NCPU: number;
    readonly MemTotal: number;
    readonly DockerRootDir: string;
    readonly HttpProxy?: string;
    readonly HttpsProxy?: string;
    readonly NoProxy?: string;
    readonly DefaultAddressPools?:
      | readonly { readonly Base: string; readonly Size: number }[]
      | null;
    readonly SecurityOptions?: readonly string[] | null;
    readonly Warnings?: readonly string[] | null;
  };
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System */
export async function readEngineFacts(engine: Engine, signal: AbortSignal): Promise<EngineFacts> {
  const [version, info] = await Promise.all([
    engine.get<EngineFacts["version"]>("/version", signal),
    engine.get<EngineFacts["info"]>("/info", signal),
  ]);
  return { version, info };
}

export interface StackContainer {
  readonly name: string;
  readonly project: string;
  readonly service: string;
}

/** The containers of all dp stacks on the engine, running or not. */
export async function listStackContainers(
  engine: Engine,
  signal: AbortSignal,
): Promise<StackContainer[]> {
  const rows = await engine.get<
    { readonly Names: readonly string[]; readonly Labels: Record<string, string> | null }[]
  >("/containers/json?all=1", signal);
  return rows.flatMap(({ Names: [name = ""], Labels: labels }) => {
    const parsed = parseLabels(labels);
    if (!parsed) return [];
    const { project, service } = parsed;
    return [{ name: name.slice(1), project, service }];
  });
}

/** How many networks take their addresses from the engine's pools; a fixed subnet may be among them. */
export async function countPoolNetworks(engine: Engine, signal: AbortSignal): Promise<number> {
  const networks = await engine.get<{ readonly Driver: string }[]>("/networks", signal);
  return networks.filter(({ Driver: driver }) => driver === "bridge").length;
}

/** The architecture of an image, as images name it; undefined for one that is not there. */
export async function architectureOf(
  engine: Engine,
  { ref, signal }: { readonly ref: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const image = await engine.find<{ readonly Architecture: string }>(`/images/${ref}/json`, signal);
  return image?.Architecture;
}

/** The process id of a running container's first process, on the engine's machine. */
export async function pidOf(
  engine: Engine,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const found = await engine.find<{ readonly State: { readonly Pid: number } }>(
    `/containers/${id}/json`,
    signal,
  );
  return found && found.State.Pid > 0 ? found.State.Pid : undefined;
}
