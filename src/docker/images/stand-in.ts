import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { DpError, messageOf } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import { followEngine } from "../engine/engine-stream.ts";

export interface StandInOptions {
  readonly docker: Dockerode;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** As small as debian:bookworm-slim: packages leave these out, now and when more are installed. */
const excluded = ["doc", "info", "linda", "lintian", "locale", "man"];
const options = [
  "--mode=root",
  "--format=tar",
  "--variant=minbase",
  "--include=ca-certificates",
  ...excluded.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  "--dpkgopt=path-include=/usr/share/doc/*/copyright",
];
const suite = "bookworm";
const importIdleMs = 3 * 60_000;
const killAfterMs = 10_000;

/** `dp-base:bookworm-` and the first 8 hex digits of a hash over how it is made. */
export function standInTag(): string {
  const hash = createHash("sha256").update(options.join("\n")).digest("hex");
  return `dp-base:${suite}-${hash.slice(0, 8)}`;
}

/**
 * Makes a Debian base from the distribution's packages and gives it to the engine under
 * `standInTag()`. The mirrors and proxies that the host's apt uses are used here too.
 * Throws DpError `image-missing` where that can't be done: it takes root on Debian or Ubuntu and
 * mmdebstrap.
 */
export async function buildStandIn({ docker, emit, signal }: StandInOptions): Promise<void> {
  const tag = standInTag();
  const release = readRelease();
  assertDebian(release);
  const sources = await readAptSources(signal);
  const folder = await mkdtemp(join(tmpdir(), "dp-base-"));
  try {
    const file = join(folder, "base.tar");
    await runMmdebstrap({
      args: [...options, ...sources.options, suite, file, ...sources.mirrors],
      tag,
      emit,
      signal,
    });
    emit({ type: "progress", target: tag, text: "giving the base to the engine" });
    const [repo, label] = tag.split(":");
    const outcome = await followEngine({
      signal,
      idleMs: importIdleMs,
      open: (abortSignal) =>
        docker.importImage(createReadStream(file), { repo, tag: label, abortSignal }),
      onMessage: () => undefined,
    });
    if (!outcome.ok) {
      throw new DpError({
        code: "build-failed",
        message: `the engine did not take the base ${tag}`,
        why: outcome.message,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** os-release(5): KEY=value lines; empty where there is no such file. */
function readRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}

function assertDebian(release: string): void {
  const isDebian = /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
  if (isDebian && process.getuid?.() === 0) return;
  throw noBase(isDebian ? "you are not root" : "this is neither Debian nor Ubuntu");
}

function noBase(why: string): DpError {
  return new DpError({
    code: "image-missing",
    message: "no base image to build on",
    why: `no registry can be reached, and making a base takes root on Debian or Ubuntu and the program mmdebstrap: ${why}`,
    next: "as root on Debian or Ubuntu: apt-get install mmdebstrap, then the same command; or set images.prefix to a registry that answers; or load debian:bookworm-slim with docker load",
  });
}

/**
 * The host's own mirrors of the suite, as lines for mmdebstrap (none on a host of another release:
 * then mmdebstrap's defaults hold), and the proxies of the host's apt.
 */
async function readAptSources(
  signal: AbortSignal,
): Promise<{ mirrors: string[]; options: string[] }> {
  const format = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)";
  const [targets, config] = await Promise.all([
    readOutput(
      "apt-get",
      ["indextargets", "--no-release-info", "--format", format, "Created-By: Packages"],
      signal,
    ),
    readOutput("apt-config", ["dump"], signal),
  ]);
  const ours = new RegExp(`^deb \\S*debian\\S* ${suite}(-updates|-security)? main$`);
  return {
    mirrors: [...new Set(targets.filter((line) => ours.test(line)))],
    options: config
      .filter((line) => /^Acquire::https?::Proxy "[^"]+";$/.test(line))
      .map((line) => `--aptopt=${line}`),
  };
}

/** The lines that a program prints; none when it fails or is missing. */
async function readOutput(program: string, args: string[], signal: AbortSignal): Promise<string[]> {
  const output = await new Promise<string>((resolve) => {
    execFile(program, args, { signal, timeout: 10_000 }, (error, stdout) =>
      resolve(error ? "" : stdout),
    );
  });
  signal.throwIfAborted();
  return output.split("\n");
}

async function runMmdebstrap(call: {
  readonly args: readonly string[];
  readonly tag: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { args, tag, emit, signal } = call;
  const child = spawn("mmdebstrap", args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const lines: string[] = [];
  let unfinished = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const found = (unfinished + text).split(/[\r\n]+/);
    unfinished = found.pop() ?? "";
    for (const line of found) {
      lines.push(line);
      if (line.startsWith("I: ")) emit({ type: "progress", target: tag, text: line.slice(3) });
      else emit({ type: "log", target: tag, line });
    }
  });
  // It clears its working folder on SIGTERM, if all its processes get one; SIGKILL is for those that
  // do not end.
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, "SIGTERM");
    killer = setTimeout(() => killGroup(child, "SIGKILL"), killAfterMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
      if (signal.aborted) stop();
    });
    signal.throwIfAborted();
    if (code === 0) return;
    throw new DpError({
      code: "build-failed",
      message: `making the base ${tag} failed`,
      why: lines.findLast((line) => line.startsWith("E: ")) ?? `mmdebstrap ended with ${code}`,
      evidence: lines.slice(-30),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
    throw noBase(`mmdebstrap is missing (${messageOf(thrown)})`);
  } finally {
    clearTimeout(killer);
    signal.removeEventListener("abort", stop);
  }
}

/** Signals a program that was started detached, and all that it started. */
function killGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended by itself.
  }
}
