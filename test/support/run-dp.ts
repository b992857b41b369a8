import { fileURLToPath } from "node:url";
import { execa } from "execa";

const bin = fileURLToPath(new URL("../../bin/dp.js", import.meta.url));

export interface DpRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; empty unless given. */
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Node and the script that it runs; the built dp of this checkout unless given. */
  readonly command?: readonly [string, string];
}

export interface DpResult {
  /** Undefined when a signal ended the process. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** An event line of `--json`; see src/model/events.ts for what each type carries. */
export interface DpEvent {
  readonly type: string;
  readonly id?: string;
  readonly phase?: string;
  readonly state?: string;
  readonly target?: string;
  readonly text?: string;
  /** Of a result. */
  readonly ok?: boolean;
  readonly changes?: unknown;
}

export interface RunningDp {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Settles with the first event that fits; rejects when the process ends without one. */
  event(fits: (event: DpEvent) => boolean): Promise<DpEvent>;
  /** Settles when standard output holds the text; rejects when the process ends without it. */
  output(text: string): Promise<void>;
  readonly done: Promise<DpResult>;
}

/** The environment of a test: the machine's, free ports, no colour, nothing else that steers dp. */
export function dpEnvironment(extra: DpRun["env"] = {}): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(DP_|DOCKER_CONTEXT$|FORCE_COLOR$|CI$|NODE_OPTIONS$|VITEST)/.test(name),
  );
  const all = { ...Object.fromEntries(own), NO_COLOR: "1", DP_PORTS: "auto", ...extra };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The built dp as a command line: for tests that need a shell around it. */
export const dpCommand: readonly [string, string] = [process.execPath, bin];

/** Runs the built dp to its end. Throws when it is not over in time: no command may hang. */
export function runDp(run: DpRun): Promise<DpResult> {
  return startDp(run).done;
}

/** Starts the built dp; its events can be waited for, and signals sent to it. */
export function startDp(run: DpRun): RunningDp {
  const child = spawnDp(run);
  const done = finish(child, run.args);
  const untilOutput = watchOutput(child);
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    event: (fits) => Promise.race([firstEvent(child, fits), failWhenDone(done)]),
    output: (text) => Promise.race([untilOutput(text), failWhenDone(done)]),
    done,
  };
}

function spawnDp(run: DpRun) {
  const { args, cwd, env, input = "", timeoutMs = 240_000, command = dpCommand } = run;
  const [node, script] = command;
  return execa(node, [script, ...args], {
    cwd,
    input,
    env: dpEnvironment(env),
    extendEnv: false,
    reject: false,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    stripFinalNewline: false,
  });
}

type Child = ReturnType<typeof spawnDp>;

function firstEvent(child: Child, fits: (event: DpEvent) => boolean): Promise<DpEvent> {
  return new Promise((resolve) => {
    let pending = "";
    child.stdout.on("data", (chunk: Buffer | string) => {
      const lines = (pending + String(chunk)).split("\n");
      pending = lines.pop() ?? "";
      const events = lines.filter((line) => line.startsWith("{"));
      const found = events.map((line) => JSON.parse(line) as DpEvent).find(fits);
      if (found) resolve(found);
    });
  });
}

/** Settles when the text is there, be it before or after the call. */
function watchOutput(child: Child): (text: string) => Promise<void> {
  let seen = "";
  child.stdout.on("data", (chunk: Buffer | string) => (seen += String(chunk)));
  return (text) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (seen.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      look();
    });
}

async function failWhenDone(done: Promise<DpResult>): Promise<never> {
  const { stdout, stderr } = await done;
  throw new Error(`dp ended before that\n${stdout}\n${stderr}`);
}

async function finish(child: Child, args: readonly string[]): Promise<DpResult> {
  const { stdout, stderr, timedOut, exitCode, signal, durationMs } = await child;
  if (timedOut) throw new Error(`dp ${args.join(" ")} hung\n${stdout}\n${stderr}`);
  return { code: exitCode, signal, stdout, stderr, durationMs };
}

/** The failure that a run with `--json` told on standard error. */
export interface DpFailure {
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly evidence: readonly string[];
  readonly next: string | null;
  readonly at: { readonly file: string; readonly line: number } | null;
}

/** Throws when the run told none. */
export function failureOf({ stdout, stderr }: DpResult): DpFailure {
  const line = stderr.split("\n").findLast((text) => text.startsWith('{"error":'));
  if (line === undefined) throw new Error(`dp told no failure\n${stdout}\n${stderr}`);
  return (JSON.parse(line) as { error: DpFailure }).error;
}

/** The events of a run with `--json`. */
export function eventsOf({ stdout }: DpResult): DpEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as DpEvent);
}
