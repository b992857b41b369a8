import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { DpError, messageOf } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import { runGroup } from "../../programs/group.ts";
import { readOutput } from "../../programs/read-output.ts";
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
const readTimeoutMs = 10_000;

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
    readLines(
      "apt-get",
      ["indextargets", "--no-release-info", "--format", format, "Created-By: Packages"],
      signal,
    ),
    readLines("apt-config", ["dump"], signal),
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
async function readLines(program: string, args: string[], signal: AbortSignal): Promise<string[]> {
  const output = await readOutput({ program, args, timeoutMs: readTimeoutMs, signal });
  return (output ?? "").split("\n");
}

async function runMmdebstrap(call: {
  readonly args: readonly string[];
  readonly tag: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { args, tag, emit, signal } = call;
  const lines: string[] = [];
  let unfinished = "";
  const readText = (text: string): void => {
    const found = (unfinished + text).split(/[\r\n]+/);
    unfinished = found.pop() ?? "";
    for (const line of found) {
      lines.push(line);
      if (line.startsWith("I: ")) emit({ type: "progress", target: tag, text: line.slice(3) });
      else emit({ type: "log", target: tag, line });
    }
  };
  const program = "mmdebstrap";
  // mmdebstrap clears its working folder on SIGTERM, if all its processes get it.
  const end = await runGroup({ program, args, onErrorText: readText, killAfterMs, signal });
  if (end.kind === "exited" && end.code === 0) return;
  if (end.kind === "not-started") {
    if (end.error.code !== "ENOENT") throw end.error;
    throw noBase(`mmdebstrap is missing (${messageOf(end.error)})`);
  }
  const code = end.kind === "exited" ? end.code : null;
  throw new DpError({
    code: "build-failed",
    message: `making the base ${tag} failed`,
    why: lines.findLast((line) => line.startsWith("E: ")) ?? `mmdebstrap ended with ${code}`,
    evidence: lines.slice(-30),
  });
}
