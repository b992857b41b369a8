import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../engine/connect.ts";

/** What a container uses right now. */
export interface Usage {
  /** 100 is one core. */
  readonly cpuPercent: number;
  /** Without the page cache that could be given back. */
  readonly memoryBytes: number;
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerStats */
interface Stats {
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number };
    readonly system_cpu_usage?: number;
    readonly online_cpus?: number;
  };
  readonly memory_stats: {
    readonly usage?: number;
    /** cgroup v2 has `inactive_file`, v1 `total_inactive_file`. */
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

/** Long enough for the engine's clock, short enough for somebody who waits. */
const sampleMs = 200;

/** Use of CPU and memory of running containers, by id; one that has ended meanwhile is left out. */
export type UsageMeter = (
  ids: readonly string[],
  signal: AbortSignal,
) => Promise<Map<string, Usage>>;

/**
 * A meter takes two samples at its first reading, and one at each further, which then tells of the time
 * between: the engine makes whoever asks twice within a second wait.
 */
export function createUsageMeter(engine: Engine): UsageMeter {
  let before: Map<string, Stats> | undefined;
  return async (ids, signal) => {
    if (ids.length === 0) return new Map();
    if (!before) {
      before = await sample(engine, ids, signal);
      await sleep(sampleMs, undefined, { signal });
    }
    const after = await sample(engine, ids, signal);
    const usages = new Map<string, Usage>();
    for (const id of ids) {
      const [first, second] = [before.get(id), after.get(id)];
      if (first && second) usages.set(id, usageBetween(first, second));
    }
    before = after;
    return usages;
  };
}

async function sample(
  engine: Engine,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Stats>> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const path = `/containers/${id}/stats?stream=false&one-shot=true`;
      const stats = await engine.get<Stats>(path, signal).catch(() => undefined);
      return stats ? [[id, stats] as const] : [];
    }),
  );
  return new Map(found.flat());
}

function usageBetween(before: Stats, after: Stats): Usage {
  const spent = after.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage;
  const elapsed =
    (after.cpu_stats.system_cpu_usage ?? 0) - (before.cpu_stats.system_cpu_usage ?? 0);
  const cores = after.cpu_stats.online_cpus ?? 1;
  const { usage = 0, stats } = after.memory_stats;
  const cache = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return {
    cpuPercent: elapsed > 0 ? Math.round((spent / elapsed) * cores * 1000) / 10 : 0,
    memoryBytes: Math.max(0, usage - cache),
  };
}
