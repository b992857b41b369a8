import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { sleep } from "../../async/timers.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { listStacks } from "../../docker/stack/stack-list.ts";
import { DpError } from "../../errors.ts";
import { realPathOf } from "../../files/real-path.ts";
import { readText } from "../../config/find.ts";
import { identifyStack } from "../../config/identify.ts";
import type { Address, Observed, ObservedContainer } from "../../model/containers.ts";
import { containerBrokerId } from "../../stack/names.ts";
import { addressOf } from "../../stack/ready-probe.ts";
import { claimStack } from "../../stack/refuse.ts";
import type { Host, SharedOptions } from "../request.ts";
import { connect } from "./engine.ts";
import { learnStackSecrets } from "./known-secrets.ts";

/** A broker whose container runs, and where it answers. */
export interface RunningBroker {
  readonly id: number;
  readonly service: string;
  readonly address: Address;
}

/** A stack as the engine has it; nothing of its file is read but the name. */
export interface FoundStack {
  readonly name: string;
  /** The pipeline.yaml that named it; undefined without one. */
  readonly file: string | undefined;
  readonly engine: Engine;
  readonly observed: Observed;
}

/**
 * The stack that a command means: by `--project`, by the name in the file, or, without a file, the
 * one whose file lay in the working directory.
 */
export async function findStack(host: Host, shared: SharedOptions): Promise<FoundStack> {
  const { source, ...identified } = await identifyAndObserve(host, shared);
  const stack = withOwnFile(identified, shared);
  learnStackSecrets(host, { ...stack, source: source ?? (await sourceOf(stack)) });
  return stack;
}

/** Empty without a file that can be read. */
async function sourceOf({ file }: FoundStack): Promise<string> {
  if (file === undefined) return "";
  return readText(file).catch(() => "");
}

interface Identified extends FoundStack {
  /** The text of the file where it had to be read for the name. */
  readonly source: string | undefined;
}

async function identifyAndObserve(host: Host, shared: SharedOptions): Promise<Identified> {
  const identity = { cwd: host.cwd, file: shared.file, env: host.env, project: shared.project };
  const [engine, identified] = await Promise.all([
    connect(host, shared),
    identifyStack(identity).catch((thrown: unknown) => thrown as Error),
  ]);
  const missing = identified instanceof Error;
  const name = missing ? await nameByFolder(engine, host) : identified.name;
  if (name === undefined) throw identified;
  const { file, source } = missing ? {} : identified;
  return { name, file, source, engine, observed: await observeStack(engine, name, host.signal) };
}

/**
 * The stack without the file in this folder when `--project` names the stack of another file. Without
 * `--project` the file means its own stack: throws DpError `stack-elsewhere` when another file owns it.
 */
function withOwnFile(stack: FoundStack, { project }: SharedOptions): FoundStack {
  const { name, file, observed } = stack;
  if (file === undefined) return stack;
  const projectGiven = project !== undefined;
  try {
    claimFile({ project: name, file, observed, projectGiven });
    return stack;
  } catch (thrown) {
    if (!projectGiven) throw thrown;
    return { ...stack, file: undefined };
  }
}

async function nameByFolder(engine: Engine, host: Host): Promise<string | undefined> {
  const stacks = await listStacks(engine, host.signal);
  const folder = realPathOf(host.cwd);
  return stacks.find(({ file }) => realPathOf(dirname(file)) === folder)?.name;
}

/** Milliseconds that paused containers get to run again: `docker commit` pauses one for a moment. */
const pausedMs = 3000;
const pausedLookMs = 100;

/**
 * The stack when none of its containers is paused any more; as it is after 3 s where one stays paused,
 * and at once where none is.
 */
export async function awaitUnpaused(stack: FoundStack, signal: AbortSignal): Promise<FoundStack> {
  const { name, engine } = stack;
  const deadline = performance.now() + pausedMs;
  let { observed } = stack;
  while (observed.containers.some(({ state }) => state === "paused")) {
    if (performance.now() > deadline) break;
    await sleep(pausedLookMs, signal);
    observed = await observeStack(engine, name, signal);
  }
  return { ...stack, observed };
}

/** The brokers that run. Throws DpError `not-running` when there is none. */
export function runningBrokers({ name, observed }: FoundStack): RunningBroker[] {
  const brokers = observed.containers.flatMap((container) => {
    const id = containerBrokerId(container);
    const address = publishedAddress(container);
    return id !== undefined && address ? [{ id, service: container.service, address }] : [];
  });
  if (brokers.length > 0) return brokers.toSorted((a, b) => a.id - b.id);
  const stopped = observed.containers.some(({ kind }) => kind === "kafka");
  throw new DpError({
    code: "not-running",
    message: `${name} has no running broker`,
    why: stopped ? "its containers are stopped" : "nothing of this stack runs on the engine",
    next: "dp up",
  });
}

/** claimStack on this machine: returns a note when the stack is adopted. */
export function claimFile(claim: {
  readonly project: string;
  readonly file: string;
  readonly observed: Observed;
  readonly projectGiven: boolean;
}): string | undefined {
  return claimStack({ ...claim, host: hostname(), fileExists: existsSync, realPathOf });
}

/** Where the brokers that run answer; none when none runs. */
export function brokerAddresses({ containers }: Observed): Address[] {
  return containers
    .filter(({ kind }) => kind === "kafka")
    .flatMap((container) => publishedAddress(container) ?? []);
}

/** Where a running container answers on this machine; undefined when it does not run. */
export function publishedAddress(container: ObservedContainer): Address | undefined {
  const [port] = container.ports;
  if (container.state !== "running" || !port) return undefined;
  return addressOf(port);
}
