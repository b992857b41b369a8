import type { HealthCheck } from "../health/checks.ts";
import type { Address, Observed, ObservedContainer, Probe } from "../stack/model.ts";
import { brokerIdOf } from "../stack/names.ts";
import { runProbe } from "./probes.ts";
import { publishedAddress } from "./running.ts";

/** The services of a stack: those that have a container, or a volume that waits for one. */
export function servicesOf({ containers, volumes }: Observed): string[] {
  const services = [...containers, ...volumes].map(({ service }) => service);
  return [...new Set(services)].toSorted();
}

/** What can be asked in milliseconds: the containers, ZooKeeper's mode, each broker's view. */
export function answerChecks(observed: Observed): HealthCheck[] {
  return servicesOf(observed).flatMap((service) => {
    const container = observed.containers.find((one) => one.service === service);
    const check: HealthCheck = {
      service,
      name: "container",
      run: async () => describeContainer(container),
    };
    const answers = container && answerCheck(container, observed);
    return answers ? [check, answers] : [check];
  });
}

function describeContainer(container: ObservedContainer | undefined): string {
  if (!container) throw new Error("has no container; its volume is there: dp up");
  const { state, exitCode, oomKilled } = container;
  if (state === "running") return "running";
  if (oomKilled) throw new Error("was killed at its memory limit; raise mem_limit, then dp up");
  throw new Error(state === "exited" ? `exited with code ${exitCode}: dp logs, dp up` : state);
}

function answerCheck(container: ObservedContainer, observed: Observed): HealthCheck | undefined {
  const address = publishedAddress(container);
  const { service, kind } = container;
  if (!address) return undefined;
  const probe: Probe =
    kind === "zookeeper"
      ? { kind, nodes: [{ service, address }] }
      : { kind, brokers: expectedBrokers(observed), only: service };
  return {
    service,
    name: "answers",
    run: async (signal) => {
      const result = await runProbe(probe, signal);
      if (!result.ready) throw new Error(result.waitingFor);
      return `on ${address.host}:${address.port}`;
    },
  };
}

/** Every broker that runs must be in every broker's view; one that does not run is told as such. */
function expectedBrokers(observed: Observed) {
  return observed.containers.flatMap((container) => {
    const id = brokerIdOf(container.service);
    const address = publishedAddress(container);
    return id === undefined || !address ? [] : [{ id, service: container.service, address }];
  });
}

/** What ZooKeeper knows must be what runs. */
export function registrationChecks(observed: Observed): HealthCheck[] {
  const zookeeper = observed.containers.find(({ kind }) => kind === "zookeeper");
  const address: Address | undefined = zookeeper && publishedAddress(zookeeper);
  if (!zookeeper || !address) return [];
  const expected = expectedBrokers(observed).map(({ id }) => id);
  return [
    {
      service: zookeeper.service,
      name: "brokers registered",
      run: async (signal) => {
        const { readKafkaState } = await import("../zookeeper/znodes.ts");
        const { brokerIds, controllerId } = await readKafkaState({ address, signal });
        const missing = expected.filter((id) => !brokerIds.includes(id));
        if (missing.length > 0) throw new Error(`broker ${missing.join(", ")} is not registered`);
        if (controllerId === undefined) throw new Error("no broker is the controller");
        return `brokers ${brokerIds.join(", ")}; controller ${controllerId}`;
      },
    },
  ];
}

/** Every partition has a leader and all its replicas in sync. */
export function partitionChecks(bootstrap: readonly Address[]): HealthCheck[] {
  if (bootstrap.length === 0) return [];
  return [
    {
      service: "kafka",
      name: "partitions",
      run: async (signal) => {
        const { openCluster } = await import("../kafka/cluster.ts");
        const cluster = openCluster({ bootstrap, signal });
        try {
          const { topics } = await cluster.metadata("all");
          const partitions = topics.flatMap((topic) =>
            topic.partitions.map((partition) => ({
              ...partition,
              name: `${topic.name}-${partition.partition}`,
            })),
          );
          const leaderless = partitions.filter(({ leader }) => leader < 0);
          const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length);
          if (leaderless.length > 0) throw new Error(`without leader: ${names(leaderless)}`);
          if (behind.length > 0) throw new Error(`replicas behind: ${names(behind)}`);
          return `${partitions.length} partitions of ${topics.length} topics, each with a leader and all replicas in sync`;
        } finally {
          cluster.close();
        }
      },
    },
  ];
}

function names(partitions: readonly { readonly name: string }[]): string {
  const shown = partitions.slice(0, 5).map(({ name }) => name);
  const more = partitions.length > 5 ? ` and ${partitions.length - 5} more` : "";
  return `${shown.join(", ")}${more}`;
}
