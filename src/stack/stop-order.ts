import { hashOf } from "./fingerprint.ts";
import type { ObservedContainer } from "../model/containers.ts";

type Stoppable = Pick<ObservedContainer, "id" | "service" | "kind" | "parts" | "dependsOn">;

/**
 * Container id → ids of the containers that must have stopped before it: those that depend on it, and
 * before ZooKeeper and KRaft's controllers the brokers, so that they can say goodbye. Where containers
 * depend on each other in a circle none of them waits.
 */
export function stopOrder(containers: readonly Stoppable[]): ReadonlyMap<string, string[]> {
  const order = new Map<string, string[]>();
  let rest = containers;
  while (rest.length > 0) {
    const free = rest.filter((one) => !rest.some((other) => other !== one && needs(other, one)));
    const placed = containers.filter(({ id }) => order.has(id));
    for (const one of free.length > 0 ? free : rest) {
      const before = placed.filter((other) => needs(other, one));
      order.set(
        one.id,
        before.map(({ id }) => id),
      );
    }
    rest = rest.filter(({ id }) => !order.has(id));
  }
  return order;
}

function needs(one: Stoppable, other: Stoppable): boolean {
  if (one.kind === "kafka" && other.kind === "zookeeper") return true;
  if (one.kind === "kafka" && other.kind === "kafka") {
    return isBrokerOnly(one) && !isBrokerOnly(other);
  }
  const isCluster = other.kind === "kafka" || other.kind === "zookeeper";
  return (one.dependsOn ?? []).includes(isCluster ? other.kind : other.service);
}

/** Labels carry hashes of properties. */
const roles = { broker: hashOf("broker"), controller: hashOf("broker,controller") };

/** Whether it is a KRaft node that is no controller. */
function isBrokerOnly({ parts }: Stoppable): boolean {
  return rolesOf(parts) === roles.broker;
}

/** Whether it is a KRaft node that is one of the quorum, too. */
export function isController({ kind, parts }: Pick<ObservedContainer, "kind" | "parts">): boolean {
  return kind === "kafka" && rolesOf(parts) === roles.controller;
}

function rolesOf(parts: ObservedContainer["parts"]): string | undefined {
  return parts["file.server.properties#process.roles"];
}
