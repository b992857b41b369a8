import { DpError } from "../../errors.ts";
import type { HealthCheck } from "../../health/checks.ts";
import type { Address, Observed } from "../../model/containers.ts";
import { containerBrokerId } from "../../stack/names.ts";
import { addressOf } from "../../stack/ready-probe.ts";
import { publishedAddress } from "../stack/running.ts";

/** Every broker that runs must be in every broker's view; one that does not run is told as such. */
export function expectedBrokers(observed: Observed) {
  return observed.containers.flatMap((container) => {
    const id = containerBrokerId(container);
    const address = publishedAddress(container);
    return id === undefined || !address ? [] : [{ id, service: container.service, address }];
  });
}

/** All nodes of ZooKeeper, where they answer when they run. */
export function zookeeperNodes({ containers }: Observed) {
  return containers
    .filter(({ kind }) => kind === "zookeeper")
    .flatMap(({ service, ports }) => ports.map((port) => ({ service, address: addressOf(port) })));
}

/** What ZooKeeper knows must be what runs. */
export function registrationChecks(observed: Observed): HealthCheck[] {
  const [zookeeper] = observed.containers
    .filter(({ kind, state }) => kind === "zookeeper" && state === "running")
    .toSorted((a, b) => (a.service < b.service ? -1 : 1));
  const address: Address | undefined = zookeeper && publishedAddress(zookeeper);
  if (!zookeeper || !address) return [];
  const expected = expectedBrokers(observed).map(({ id }) => id);
  return [
    {
      service: zookeeper.service,
      name: "brokers registered",
      // The brokers run: one whose session was lost comes back with another one.
      mayPass: () => true,
      run: async (signal) => {
        const { readKafkaState } = await import("../../zookeeper/znodes.ts");
        const { brokerIds, controllerId } = await readKafkaState({ address, signal });
        const missing = expected.filter((id) => !brokerIds.includes(id));
        if (missing.length > 0) throw new Error(`broker ${missing.join(", ")} is not registered`);
        if (controllerId === undefined) throw new Error("no broker is the controller");
        return `brokers ${brokerIds.join(", ")}; controller ${controllerId}`;
      },
    },
  ];
}

/** A partition without a leader, of which a replica runs: it may get one. */
class LeaderMissing extends Error {}

/**
 * Every partition has a leader and all its replicas in sync. What the brokers report of replicas that are
 * behind is final, and that none of the replicas runs.
 */
export function partitionChecks(observed: Observed): HealthCheck[] {
  const running = expectedBrokers(observed);
  if (running.length === 0) return [];
  const bootstrap = running.map(({ address }) => address);
  const ids = new Set(running.map(({ id }) => id));
  return [
    {
      service: "kafka",
      name: "partitions",
      mayPass: (thrown) => thrown instanceof LeaderMissing || thrown instanceof DpError,
      run: async (signal) => {
        const { openCluster } = await import("../../kafka/cluster/cluster.ts");
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
          if (leaderless.length > 0) {
            const text = `without leader: ${names(leaderless)}`;
            const mayLead = leaderless.every(({ replicas }) => replicas.some((id) => ids.has(id)));
            throw mayLead ? new LeaderMissing(text) : new Error(text);
          }
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
