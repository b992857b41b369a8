import { tmpdir } from "node:os";
import type { Engine } from "../../docker/engine/connect.ts";
import {
  countPoolNetworks,
  readEngineFacts,
  type EngineFacts,
} from "../../docker/stack/engine-facts.ts";
import { findListener } from "../../docker/stack/ports.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { DpError, messageOf } from "../../errors.ts";
import type { Observed } from "../../model/containers.ts";
import { nothingObserved } from "../../stack/observed.ts";
import { refuseUnsafe } from "../../stack/refuse.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { expectedContainers } from "../deploy/expected-containers.ts";
import { findStackImages } from "../images/images.ts";
import { askContexts, searchEngine } from "./ask-engine.ts";
import { askListeners } from "./ask-listeners.ts";
import {
  askDisk,
  askLeftovers,
  askLimits,
  askLocks,
  askPlatform,
  askPorts,
  askProxies,
  memoryNeeds,
} from "./ask-machine.ts";
import { askThreads } from "./ask-threads.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { judgeApi, judgeContexts, judgePlatform, judgeSearch } from "./judge-engine.ts";
import { judgeLocks } from "./judge-locks.ts";
import { judgeListeners, type Refusal } from "./judge-listeners.ts";
import { judgeCpus, judgeDescriptors, judgeDisk, judgeMemory } from "./judge-resources.ts";
import { judgeThreads } from "./judge-threads.ts";
import { judgeLeftovers, judgeNetworks, judgePorts, judgeProxies } from "./judge-surroundings.ts";
import { readDoctorFile } from "./read-file.ts";

export interface Diagnosis {
  /** The stack that it is about; null without a file and without `--project`. */
  readonly project: string | null;
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

interface On {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly signal: AbortSignal;
}

/** Everything that dp can tell about why a stack can't work here. Changes nothing, starts nothing. */
export async function diagnose(on: On): Promise<Diagnosis> {
  const { host, shared, signal } = on;
  const place = { tmpdir: tmpdir(), uid: process.getuid?.() ?? 0 };
  const [{ engine, ...search }, contexts, file, locks] = await Promise.all([
    searchEngine(host, shared),
    askContexts(host, shared),
    readDoctorFile(host, shared),
    tell("locks", async () => [judgeLocks(await askLocks(place))]),
  ]);
  const { project, stack } = file;
  const onEngine = engine ? await diagnoseEngine({ ...on, engine, project, stack }) : [];
  signal.throwIfAborted();
  const proxies = engine ? [] : judgeProxies(askProxies(host, {}));
  const findings = [
    judgeSearch(search),
    judgeContexts(contexts),
    file.finding,
    ...locks,
    ...onEngine,
    ...proxies,
  ];
  const healthy = findings.every(({ verdict }) => verdict !== "problem");
  return { project: project ?? null, healthy, findings };
}

interface OnEngine extends On {
  readonly engine: Engine;
  readonly project: string | undefined;
  readonly stack: Stack | undefined;
}

async function diagnoseEngine(on: OnEngine): Promise<Finding[]> {
  const { host, engine, project, signal } = on;
  const [facts, observed] = await Promise.all([
    readEngineFacts(engine, signal),
    project === undefined ? nothingObserved : observeStack(engine, project, signal),
  ]);
  const { info } = facts;
  const [ofFile, listeners, leftovers, networks, disk, limits] = await Promise.all([
    tell("file", () => diagnoseFile({ ...on, facts, observed })),
    tell("listeners", () => diagnoseListeners({ ...on, observed })),
    tell("leftovers", async () => judgeLeftovers(await askLeftovers(engine, signal))),
    tell("networks", async () => {
      const used = await countPoolNetworks(engine, signal);
      return [judgeNetworks({ used, pools: info.DefaultAddressPools ?? undefined })];
    }),
    tell("disk", async () => [judgeDisk(await askDisk(engine, info.DockerRootDir))]),
    tell("open files", async () => [
      judgeDescriptors(await askLimits({ engine, observed, signal })),
    ]),
  ]);
  return [
    judgeApi(facts.version),
    ...ofFile,
    ...disk,
    ...limits,
    ...networks,
    ...judgeProxies(askProxies(host, info)),
    ...leftovers,
    ...listeners,
  ];
}

/** One check that can't be made must not keep the others from being told. */
async function tell(check: string, ask: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await ask();
  } catch (thrown) {
    return [warning(check, `could not be looked at: ${messageOf(thrown)}`)];
  }
}

interface Observing extends OnEngine {
  readonly observed: Observed;
}

async function diagnoseFile(of: Observing & { readonly facts: EngineFacts }): Promise<Finding[]> {
  const { engine, stack, observed, signal, facts } = of;
  const { NCPU: cpus, MemTotal: totalBytes } = facts.info;
  const specs = stack ? await expectedContainers(stack, observed) : [];
  const images = stack ? await findStackImages({ engine, stack, signal }) : [];
  const asked = { engine, observed, signal };
  const platform = await askPlatform(asked, {
    arch: facts.version.Arch,
    images: images.flatMap(({ key, found }) => (found ? [{ ...found, usedBy: key }] : [])),
  });
  return [
    judgePlatform(platform),
    judgeMemory({ totalBytes, needs: memoryNeeds(specs) }),
    judgeCpus({ cpus, services: specs.length }),
    judgeThreads(await askThreads({ ...asked, info: facts.info, specs })),
    engine.remote
      ? ok("ports", "those of the engine's machine are not looked at")
      : judgePorts(await askPorts(specs, observed)),
  ];
}

async function diagnoseListeners({
  engine,
  project,
  stack: wanted,
  observed,
  signal,
}: Observing): Promise<Finding[]> {
  const hasBrokers = observed.containers.some(({ kind }) => kind === "kafka");
  if (project === undefined || !hasBrokers) return [];
  const owner = engine.remote ? async () => undefined : findListener;
  const stack = { name: project, file: undefined, engine, observed };
  const [facts, refusal] = await Promise.all([
    askListeners(stack, owner, signal),
    wanted && findRefusal(wanted, observed),
  ]);
  return judgeListeners({ ...facts, refusal });
}

/** Why `dp up` would be refused; undefined when it would not. */
async function findRefusal(stack: Stack, observed: Observed): Promise<Refusal | undefined> {
  const specs = await expectedContainers(stack, observed);
  try {
    refuseUnsafe({ project: stack.name, specs, observed });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof DpError)) throw thrown;
    return { why: thrown.why ?? thrown.message, next: thrown.next };
  }
}
