import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import { streamArchive, type ArchiveEntry } from "../exec/archive.ts";
import { mendOf } from "../engine/engine-error.ts";
import { followEngine } from "../engine/engine-stream.ts";

export interface BuildOptions {
  readonly docker: Dockerode;
  /** The name that the image gets. */
  readonly tag: string;
  readonly files: readonly ArchiveEntry[];
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Relative to the files. Default: `Dockerfile`. */
  readonly dockerfile?: string;
  /** The stage to build. Default: the last one. */
  readonly target?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

interface BuildStep {
  readonly current: number;
  readonly total: number;
  /** The Dockerfile's instruction, on one line. */
  readonly text: string;
}

/** apt and Maven may be silent for minutes on a slow line. */
const idleMs = 10 * 60_000;
const evidenceLines = 30;

/**
 * Builds an image by the engine's own builder and gives it its name. Every step that takes work is a
 * progress event, every line of output a log event. Aborting ends the build on the engine too.
 * Throws DpError `build-failed` that names the failing step and carries its last 30 lines.
 */
export async function runBuild(options: BuildOptions): Promise<void> {
  const { docker, tag, files, buildArgs, dockerfile, target, labels, emit, signal } = options;
  let step: BuildStep | undefined;
  let isTold = true;
  let stepOutput: string[] = [];
  let unfinished = "";

  const readLine = (line: string): void => {
    const next = parseStep(line);
    if (next) {
      step = next;
      stepOutput = [];
      isTold = false;
      return;
    }
    if (step !== undefined && !isTold && line.trim() !== "") {
      isTold = true;
      if (!isThere(step, line)) emit({ type: "progress", target: tag, ...step });
    }
    if (isOutput(line)) {
      stepOutput.push(line);
      emit({ type: "log", target: tag, line });
    }
  };

  const outcome = await followEngine({
    signal,
    idleMs,
    open: async (abortSignal) =>
      docker.buildImage(await streamArchive({ entries: files }), {
        t: tag,
        version: "1",
        rm: true,
        forcerm: true,
        buildargs: { ...buildArgs },
        ...(dockerfile === undefined ? {} : { dockerfile }),
        ...(target === undefined ? {} : { target }),
        ...(labels === undefined ? {} : { labels: { ...labels } }),
        abortSignal,
      }),
    onMessage: ({ stream }) => {
      const lines = (unfinished + cleanOutput(stream ?? "")).split("\n");
      unfinished = lines.pop() ?? "";
      lines.forEach(readLine);
    },
  });
  if (outcome.ok) return;
  readLine(unfinished);
  throw new DpError({
    code: "build-failed",
    message: `building ${tag} failed${step ? ` at step ${formatStep(step)}` : ""}`,
    why: outcome.message,
    evidence: stepOutput.slice(-evidenceLines),
    next:
      mendOf([outcome.message, ...stepOutput]) ??
      "mend what the last lines say, then run: dp images build",
  });
}

function formatStep({ current, total, text }: BuildStep): string {
  return `${current} of ${total}: ${text}`;
}

/** The classic builder starts each step with `Step 3/12 : RUN …`. */
function parseStep(line: string): BuildStep | undefined {
  const match = /^Step (\d+)\/(\d+) : (.*)$/.exec(line);
  if (!match) return undefined;
  const [, current, total, text = ""] = match;
  return { current: Number(current), total: Number(total), text: text.replaceAll(/\s+/g, " ") };
}

/** Whether a step's first line says that nothing is to be done: it was done before, or its base is there. */
function isThere({ text }: BuildStep, line: string): boolean {
  return line === " ---> Using cache" || (/^FROM /i.test(text) && line.startsWith(" ---> "));
}

/** False for the builder's own remarks about layers and containers. */
function isOutput(line: string): boolean {
  return line.trim() !== "" && !/^( ---> |Removing intermediate container )/.test(line);
}

/** The builder colours what a step writes to stderr. */
function cleanOutput(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the control characters are what is looked for
  return text.replaceAll(/\u001b\[[0-9;]*m|\r/g, "");
}
