import { formatSize } from "../../report/format.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** What a container of the file may come to use. */
export interface MemoryNeed {
  readonly service: string;
  readonly bytes: number;
  /** Where the figure comes from: `mem_limit`, `heap 384m`, `usual`. */
  readonly because: string;
}

export interface MemoryFacts {
  readonly totalBytes: number;
  readonly needs: readonly MemoryNeed[];
}

/** Above this part of the memory the engine's own machine has too little left. */
const muchMemory = 0.8;

/** The sum of what the containers may use against what the engine's machine has. */
export function judgeMemory({ totalBytes, needs }: MemoryFacts): Finding {
  const sum = needs.reduce((all, { bytes }) => all + bytes, 0);
  const has = `the engine has ${formatSize(totalBytes)}`;
  if (needs.length === 0) return ok("memory", has);
  const evidence = needs.map(
    ({ service, bytes, because }) => `${service}: ${formatSize(bytes)} (${because})`,
  );
  const detail = `${has}, the file's containers may use ${formatSize(sum)}`;
  const mend =
    "lower heap or mem_limit, use fewer brokers, or give the engine's machine more memory";
  if (sum > totalBytes) return problem("memory", detail, { evidence, mend });
  if (sum > totalBytes * muchMemory) return warning("memory", detail, { evidence, mend });
  return ok("memory", detail, evidence);
}

export function judgeCpus(facts: { readonly cpus: number; readonly services: number }): Finding {
  const { cpus, services } = facts;
  const detail = `the engine has ${cpus}`;
  if (cpus > 1 || services < 3) return ok("cpus", detail);
  return warning("cpus", `${detail} for ${services} services: they start one after another`, {
    mend: "give the engine's machine more, or wait longer: dp up --timeout 10m",
  });
}

export interface DiskFacts {
  readonly folder: string;
  /** Undefined where the folder can't be looked at: another machine, or a virtual one. */
  readonly freeBytes: number | undefined;
}

const littleDisk = 5_000_000_000;
const noDisk = 500_000_000;

export function judgeDisk({ folder, freeBytes }: DiskFacts): Finding {
  if (freeBytes === undefined) return ok("disk", `${folder} can't be looked at from here`);
  const detail = `${formatSize(freeBytes)} are free for the engine's ${folder}`;
  const mend = "docker system df tells what takes the room; dp ls lists what dp stacks keep";
  if (freeBytes < noDisk) return problem("disk", detail, { mend });
  if (freeBytes < littleDisk) return warning("disk", detail, { mend });
  return ok("disk", detail);
}

/** The limits of a running container's first process. */
export interface ProcessLimits {
  readonly service: string;
  readonly openFiles: number;
}

/** A broker keeps several files of each partition open, and a connection each. */
const fewFiles = 4096;

export function judgeDescriptors(limits: readonly ProcessLimits[]): Finding {
  const tight = limits.filter(({ openFiles }) => openFiles < fewFiles);
  const least = Math.min(...limits.map(({ openFiles }) => openFiles));
  if (limits.length === 0) return ok("open files", "not known: no broker runs on this machine");
  if (tight.length === 0) return ok("open files", `every broker may have ${least} or more`);
  return warning("open files", `a broker may have only ${least}`, {
    evidence: tight.map(({ service, openFiles }) => `${service}: ${openFiles}`),
    mend: 'raise "default-ulimits" of nofile in the engine\'s daemon.json, then dp up --recreate kafka',
  });
}

/**
 * The soft limit of open files in proc(5)'s limits: `Max open files   1024   524288   files`;
 * undefined for a text without it.
 */
export function parseOpenFiles(text: string): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
}
