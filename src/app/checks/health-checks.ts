import type { Engine } from "../../docker/engine/connect.ts";
import { DpError } from "../../errors.ts";
import type { HealthCheck } from "../../health/checks.ts";
import { containerProbe } from "../../stack/container-probe.ts";
import type { Observed, ObservedContainer, Probe } from "../../model/containers.ts";
import { readyProbe } from "../../stack/ready-probe.ts";
import { airflowChecks } from "./airflow-checks.ts";
import { expectedBrokers, zookeeperNodes } from "./cluster-checks.ts";
import { describeContainer } from "../../docker/stack/container-check.ts";
import { runProbe } from "./probes.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";

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
    return [check, ...(container ? ownChecks({ container, observed, engine }) : [])];
  });
}

export type AskedStack = Pick<FoundStack, "engine" | "observed">;

interface OwnChecksInput {
  readonly container: ObservedContainer;
  readonly observed: Observed;
  readonly engine: Engine;
}

/** What a container that runs must say of itself. */
function ownChecks({ container, observed, engine }: OwnChecksInput): HealthCheck[] {
  const address = publishedAddress(container);
  const { service, kind, ready, state } = container;
  if (kind === "service") {
    if (!ready || ready.kind === "completed" || state !== "running") return [];
    const run = (signal: AbortSignal): Promise<string> => askReady(container, engine, signal);
    return [{ service, name: "ready", run, mayPass }];
  }
  if (!address) return [];
  if (kind === "airflow") return airflowChecks(service, address);
  const probe = answerProbe(container, observed);
  if (!probe) return [];
  const run = async (signal: AbortSignal): Promise<string> => {
    await ask(probe, { container, engine, signal });
    return `on ${address.host}:${address.port}`;
  };
  return [{ service, name: "answers", run, mayPass }];
}

/** What no later attempt changes is a DpError: a refused password, a container that has ended. */
export function mayPass(thrown: unknown): boolean {
  return !(thrown instanceof DpError);
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

function askReady(
  container: ObservedContainer,
  engine: Engine,
  signal: AbortSignal,
): Promise<string> {
  const { ready, ports, name } = container;
  return ask(readyProbe({ ready, ports, container: name }), { container, engine, signal });
}

/**
 * What a service's own check shows in one attempt: `listens on 127.0.0.1:8085`; of a one-shot that it has
 * done its work. Throws why it does not hold, see mayPass.
 */
export async function askService(
  container: ObservedContainer,
  engine: Engine,
  signal: AbortSignal,
): Promise<string> {
  const described = await describeContainer(container, engine);
  if (container.ready?.kind === "completed") return described;
  return askReady(container, engine, signal);
}

/** Milliseconds after which another connection is tried. */
const attemptMs = 2000;

async function ask(
  probe: Probe,
  of: {
    readonly container: ObservedContainer;
    readonly engine: Engine;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { container, engine, signal } = of;
  const result = await runProbe(probe, { signal, attemptMs, client: engine.client });
  if (result.ready) return describeProbe(probe);
  await assertRunning(container, engine, signal);
  throw new Error(result.waitingFor);
}

/** Throws DpError `exited` when the engine says that the container has ended since it was observed. */
async function assertRunning(
  { id }: ObservedContainer,
  engine: Engine,
  signal: AbortSignal,
): Promise<void> {
  const found = await engine.find<InspectedState>(`/containers/${id}/json`, signal);
  const state = found?.State.Status ?? "removed";
  if (state === "running" || state === "paused") return;
  throw new DpError({
    code: "exited",
    message: `its container is ${state} now`,
    next: "dp status",
  });
}

interface InspectedState {
  readonly State: { readonly Status: string };
}

function describeProbe(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `${probe.path} answers ${probe.status} on ${probe.address.host}:${probe.address.port}`;
    case "tcp":
      return `listens on ${probe.address.host}:${probe.address.port}`;
    case "exec":
      return "its command exited with code 0";
    case "log":
      return `its log has ${probe.pattern}`;
    default:
      return "answers";
  }
}
