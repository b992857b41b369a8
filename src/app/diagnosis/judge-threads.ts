import { ok, problem, warning, type Finding } from "./finding.ts";

/** What a container that does not run yet is going to have. */
export interface ThreadNeed {
  readonly service: string;
  readonly threads: number;
}

export interface ThreadLimit {
  /** What sets it: `kernel.pid_max`, a file of a control group. */
  readonly name: string;
  readonly limit: number;
  /** Threads that count against it. */
  readonly used: number;
  /** What is to come within it. */
  readonly needs: readonly ThreadNeed[];
  readonly mend: string;
}

/** Above this part of a limit little is left for what programs start on occasion. */
const muchUsed = 0.9;

/** Room for the threads of what is to run; undefined: nobody can tell from here. */
export function judgeThreads(limits: readonly ThreadLimit[] | undefined): Finding {
  const judged = (limits ?? []).map((limit) => {
    const need = limit.needs.reduce((sum, { threads }) => sum + threads, 0);
    return { ...limit, need, room: limit.limit - limit.used };
  });
  const tightest = judged.toSorted((a, b) => a.room - a.need - (b.room - b.need))[0];
  if (tightest === undefined) return ok("threads", "their limits can't be looked at from here");
  const { name, limit, used, need, room, needs, mend } = tightest;
  const wanted = need > 0 ? `, what is to start needs about ${need}` : "";
  const detail = `room for ${Math.max(room, 0)} more of ${limit} (${name})${wanted}`;
  const evidence = [
    ...needs.map(({ service, threads }) => `${service}: about ${threads}`),
    ...judged.map((one) => `${one.name}: ${one.used} of ${one.limit} in use`),
  ];
  if (need > room) return problem("threads", detail, { evidence, mend });
  if (used + need > limit * muchUsed) return warning("threads", detail, { evidence, mend });
  return ok("threads", detail, evidence);
}

/**
 * The folder of a process's control group that counts its threads, from proc(5)'s `cgroup`: a line
 * `8:pids:/docker/1f…` of version 1, or `0::/system.slice/docker-1f….scope` of version 2.
 */
export function cgroupOf(text: string): string | undefined {
  const pids = /^\d+:(?:[^:\n]*,)?pids(?:,[^:\n]*)?:(\/.*)$/m.exec(text)?.[1];
  if (pids !== undefined) return `/sys/fs/cgroup/pids${pids}`;
  const unified = /^0::(\/.*)$/m.exec(text)?.[1];
  return unified === undefined ? undefined : `/sys/fs/cgroup${unified}`;
}

/** The soft limit of processes in proc(5)'s limits: `Max processes  96365  96365  processes`. */
export function parseProcessLimit(text: string): number | undefined {
  const soft = /^Max processes\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
