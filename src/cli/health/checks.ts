import type { Engine } from "../../docker/connect.ts";
import { DpError } from "../../errors.ts";
import type { HealthCheck } from "../../health/checks.ts";
import { storeLogin } from "../../stack/endpoints.ts";
import type { Address, Observed, ObservedContainer, Probe } from "../../stack/model.ts";
import { readyProbe } from "../../stack/ready-probe.ts";
import { airflowChecks } from "./airflow-checks.ts";
import { expectedBrokers } from "./cluster-checks.ts";
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

/** How many lines of an ended container's log tell why. */
const lastLineCount = 10;

/** Throws a DpError with the last lines of a container that has ended. */
async function describeContainer(
  container: ObservedContainer | undefined,
  engine: Engine,
): Promise<string> {
  if (!container) throw new Error("has no container; its volume is there: dp up");
  const { id, state, exitCode, oomKilled } = container;
  if (state === "running") return "running";
  if (oomKilled) throw new Error("was killed at its memory limit; raise mem_limit, then dp up");
  if (state !== "exited") throw new Error(state);
  const [{ lastLines }, { guiltyLine }] = await Promise.all([
    import("../../docker/logs.ts"),
    import("../../docker/exits.ts"),
  ]);
  const client = await engine.client();
  const evidence = await lastLines(client.getContainer(id), lastLineCount).catch(() => []);
  const why = guiltyLine(evidence);
  throw new DpError({
    code: "exited",
    message: `exited with code ${exitCode}${why === undefined ? "" : `: ${why}`} (dp logs, dp up)`,
    evidence,
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
    if (!ready || state !== "running") return [];
    const { ports, name } = container;
    const probe = readyProbe({ ready, ports, container: name });
    return [{ service, name: "ready", run: (signal) => ask(probe, { signal, client }) }];
  }
  if (!address) return [];
  if (kind === "airflow") return airflowChecks(service, address);
  const probe = answerProbe({ container, address, observed });
  if (!probe) return [];
  const run = async (signal: AbortSignal): Promise<string> => {
    await ask(probe, { signal, client });
    return `on ${address.host}:${address.port}`;
  };
  return [{ service, name: "answers", run }];
}

function answerProbe(of: {
  readonly container: ObservedContainer;
  readonly address: Address;
  readonly observed: Observed;
}): Probe | undefined {
  const { container, address, observed } = of;
  const { service, kind } = container;
  switch (kind) {
    case "zookeeper":
      return { kind, nodes: [{ service, address }] };
    case "kafka":
      return { kind, brokers: expectedBrokers(observed), only: service };
    case "postgres": {
      const login = storeLogin(container);
      return login && { kind, address, ...login };
    }
    case "airflow":
    case "service":
      return undefined;
  }
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
