import type { Engine } from "../../docker/connect.ts";
import { DpError } from "../../errors.ts";
import type { HealthCheck } from "../../health/checks.ts";
import { hasCompleted } from "../../stack/completed.ts";
import { containerProbe } from "../../stack/container-probe.ts";
import { describeOutOfMemory, moreMemory } from "../../stack/memory.ts";
import type { Observed, ObservedContainer, Probe } from "../../stack/model.ts";
import { readyProbe } from "../../stack/ready-probe.ts";
import { airflowChecks } from "./airflow-checks.ts";
import { expectedBrokers, zookeeperNodes } from "./cluster-checks.ts";
import { runProbe, type ProbeContext } from "../probes.ts";
import { publishedAddress, type FoundStack } from "../running.ts";

/** The services of a stack: those that have a container, or a volume that waits for one. */
export function servicesOf({ containers, volumes }: Observed): string[] {
  const services = [...containers, ...volumes].map(({ service }) => service);
  return [...new Set(services)].toSorted();
}

/** What can be asked in milliseconds: the containers, and what each of them says of itself. */
export function answerChecks({ engine, observed }: AskedStack): HealthCheck[] {
  return servicesOf(observed).flatMap((service) => {
    const container = observed.containers.find((one) => one.service === service);
    const check: HealthCheck = {
      service,
      name: "container",
      run: () => describeContainer(container, engine),
    };
    const { client } = engine;
    return [check, ...(container ? ownChecks({ container, observed, client }) : [])];
  });
}

export type AskedStack = Pick<FoundStack, "engine" | "observed">;

/** How many lines of an ended container's log are shown, and how many are searched for why. */
const lastLineCount = 10;
const searchedLines = 300;

/** Throws a DpError with the last lines of a container that has ended. */
async function describeContainer(
  container: ObservedContainer | undefined,
  engine: Engine,
): Promise<string> {
  if (!container) throw new Error("has no container; its volume is there: dp up");
  const { id, state, exitCode, oomKilled, memLimitBytes, startedAt } = container;
  if (hasCompleted(container)) return "completed";
  if (state === "running") {
    if (container.ready?.kind === "completed") throw new Error("has not ended yet");
    return "running";
  }
  if (oomKilled) {
    throw new Error(`${describeOutOfMemory(memLimitBytes)}; ${moreMemory(container)}`);
  }
  if (state !== "exited" && state !== "restarting") throw new Error(state);
  const [{ lastLines }, { reasonOfExit }, { mendOf }] = await Promise.all([
    import("../../docker/logs.ts"),
    import("../../docker/exits.ts"),
    import("../../docker/engine-error.ts"),
  ]);
  const client = await engine.client();
  const wanted = { count: searchedLines, startedAt };
  const lines = await lastLines(client.getContainer(id), wanted).catch(() => []);
  const why = reasonOfExit(exitCode, lines);
  throw new DpError({
    code: "exited",
    message: `${state === "restarting" ? "is restarted again and again, " : ""}exited with code ${exitCode}${why === undefined ? "" : `: ${why}`} (${mendOf(lines) ?? "dp logs, dp up"})`,
    evidence: lines.slice(-lastLineCount),
  });
}

interface OwnChecksInput {
  readonly container: ObservedContainer;
  readonly observed: Observed;
  readonly client: Engine["client"];
}

/** What a container that runs must say of itself. */
function ownChecks({ container, observed, client }: OwnChecksInput): HealthCheck[] {
  const address = publishedAddress(container);
  const { service, kind, ready, state } = container;
  if (kind === "service") {
    if (!ready || ready.kind === "completed" || state !== "running") return [];
    return [{ service, name: "ready", run: (signal) => askReady(container, { signal, client }) }];
  }
  if (!address) return [];
  if (kind === "airflow") return airflowChecks(service, address);
  const probe = answerProbe(container, observed);
  if (!probe) return [];
  const run = async (signal: AbortSignal): Promise<string> => {
    await ask(probe, { signal, client });
    return `on ${address.host}:${address.port}`;
  };
  return [{ service, name: "answers", run }];
}

function answerProbe(container: ObservedContainer, observed: Observed): Probe | undefined {
  const { service, kind } = container;
  switch (kind) {
    case "zookeeper":
      return { kind, nodes: zookeeperNodes(observed), only: service };
    case "kafka":
      return { kind, brokers: expectedBrokers(observed), only: service };
    default:
      return containerProbe(container);
  }
}

function askReady(container: ObservedContainer, context: ProbeContext): Promise<string> {
  const { ready, ports, name } = container;
  return ask(readyProbe({ ready, ports, container: name }), context);
}

/**
 * What a service's own check shows, asked once: `listens on 127.0.0.1:8085`; of a one-shot that it has
 * done its work. Throws why it does not hold.
 */
export async function askService(
  container: ObservedContainer,
  engine: Engine,
  signal: AbortSignal,
): Promise<string> {
  const described = await describeContainer(container, engine);
  if (container.ready?.kind === "completed") return described;
  return askReady(container, { signal, client: engine.client });
}

async function ask(probe: Probe, context: ProbeContext): Promise<string> {
  const result = await runProbe(probe, context);
  if (!result.ready) throw new Error(result.waitingFor);
  return describeProbe(probe);
}

function describeProbe(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `${probe.path} answers ${probe.status} on ${probe.address.host}:${probe.address.port}`;
    case "tcp":
      return `listens on ${probe.address.host}:${probe.address.port}`;
    case "exec":
      return `${probe.command[0]} ends with 0`;
    case "log":
      return `its log has ${probe.pattern}`;
    default:
      return "answers";
  }
}
