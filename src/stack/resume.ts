import { hasCompleted } from "./completed.ts";
import { containerProbe } from "./container-probe.ts";
import type { Address, ObservedContainer, Probe, ReadinessGroup } from "../model/containers.ts";
import { brokerIdOf, containerBrokerId, containerName } from "./names.ts";
import { idsOf } from "./op-ids.ts";
import type { Op, Plan } from "./plan-model.ts";
import { addressOf } from "./ready-probe.ts";
import { expandServices, selectGroups } from "./select.ts";

export interface ResumeInput {
  readonly project: string;
  readonly containers: readonly ObservedContainer[];
  /** Services, as on the command line; none means all. */
  readonly words: readonly string[];
  /**
   * Whether brokers count as ready only when every partition has all its replicas in sync; where one
   * of them stays stopped that can't be asked for.
   */
  readonly inSync?: boolean;
}

/**
 * Starts the containers that the engine has, just as they are: those that are meant, and those of the
 * groups that they can't do without. Waits until all of these are ready. A one-shot that has done its
 * work stays, and so does a container that never started: it has no configuration in it.
 */
export function planResume(input: ResumeInput): Plan {
  const { project, words } = input;
  const containers = input.containers
    .filter(({ name, service }) => name === containerName(project, service))
    .filter((container) => isUp(container) || isStartable(container))
    .toSorted((a, b) => (a.service < b.service ? -1 : 1));
  const named = new Set(
    expandServices(
      words.length > 0 ? words : containers.map(({ service }) => service),
      containers.map(({ service }) => service),
    ),
  );
  const groups = selectGroups([...named], groupsOf(containers));
  const starting = groups.flatMap(({ services }) => {
    const meant = services.filter((service) => named.has(service));
    const wanted = meant.length > 0 ? meant : services;
    return containers.filter(
      (container) => wanted.includes(container.service) && isStartable(container),
    );
  });
  const ops = groups.flatMap((group) =>
    groupOps(group, { ...input, groups, containers, starting }),
  );
  return {
    project,
    changes: starting.map(({ service, state }) => ({
      action: state === "paused" ? "unpause" : "start",
      object: "container",
      target: service,
      cause: state === "paused" ? "paused" : "stopped",
    })),
    ops,
    notes: [],
  };
}

function isUp({ state }: ObservedContainer): boolean {
  return state === "running" || state === "restarting";
}

function isStartable(container: ObservedContainer): boolean {
  const { state } = container;
  return (state === "exited" && !hasCompleted(container)) || state === "paused";
}

/** Each group after those that it needs; its probe is that of all its containers. */
function groupsOf(containers: readonly ObservedContainer[]): ReadinessGroup[] {
  const names = [...new Set(containers.map(groupOf))];
  const needsOf = (name: string): string[] => {
    const labelled = containers
      .filter((container) => groupOf(container) === name)
      .flatMap(({ dependsOn = [] }) => dependsOn);
    const needed = name === "kafka" ? ["zookeeper", ...labelled] : labelled;
    return names.filter((other) => other !== name && needed.includes(other));
  };
  const sorted = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const before = needsOf(name).filter((need) => !path.includes(need));
    for (const need of before) visit(need, [...path, name]);
    sorted.add(name);
  };
  for (const name of names) visit(name, []);
  const places = [...sorted];
  return places.map((name, place) => {
    const members = containers.filter((container) => groupOf(container) === name);
    return {
      name,
      services: members.map(({ service }) => service),
      // Labels of different times may name a circle.
      needs: needsOf(name).filter((need) => places.indexOf(need) < place),
      probe: probeOf(members),
      ...(members.some(({ restarts }) => restarts) ? { restarts: true } : {}),
    };
  });
}

function groupOf({ kind, service }: ObservedContainer): string {
  return kind === "kafka" || kind === "zookeeper" ? kind : service;
}

function probeOf(members: readonly ObservedContainer[]): Probe {
  const [first] = members;
  const nodes = members.flatMap(nodeOf);
  if (first?.kind === "zookeeper") return { kind: "zookeeper", nodes };
  if (first?.kind === "kafka") {
    const brokers = nodes.flatMap((node) => {
      const id = brokerIdOf(node.service);
      return id === undefined ? [] : [{ id, ...node }];
    });
    return { kind: "kafka", brokers };
  }
  const probe = first && containerProbe(first);
  return probe ?? { kind: "running", container: first?.name ?? "" };
}

function nodeOf({ service, ports: [port] }: ObservedContainer) {
  return port ? [{ service, address: addressOf(port) }] : [];
}

interface GroupContext extends ResumeInput {
  readonly groups: readonly ReadinessGroup[];
  readonly starting: readonly ObservedContainer[];
}

function groupOps(group: ReadinessGroup, context: GroupContext): Op[] {
  const { containers, starting, inSync = false } = context;
  const own = starting.filter(({ service }) => group.services.includes(service));
  const after = group.needs.map((need) => `ready:${need}`);
  const started = own.flatMap((container) => startOps(container, { after, containers }));
  // A member that stays stopped is not waited for.
  const members = containers.filter(
    (container) =>
      group.services.includes(container.service) && (isUp(container) || own.includes(container)),
  );
  const probe = probeOf(members);
  const isWhole = members.length === group.services.length;
  return [
    ...started,
    {
      id: `ready:${group.name}`,
      kind: "await-ready",
      target: group.name,
      group: {
        ...group,
        services: members.map(({ service }) => service),
        probe: probe.kind === "kafka" && inSync && isWhole ? { ...probe, inSync } : probe,
      },
      after: [...after, ...idsOf(started)],
    },
  ];
}

interface StartContext {
  readonly after: readonly string[];
  readonly containers: readonly ObservedContainer[];
}

/** A broker that died may start only when ZooKeeper has forgotten its last session. */
function startOps(container: ObservedContainer, { after, containers }: StartContext): Op[] {
  const { id, name, service, state } = container;
  const base = { id: `start:${service}`, target: service };
  if (state === "paused") return [{ ...base, kind: "unpause-container", containerId: id, after }];
  const zookeeper = zookeeperAddress(containers);
  const brokerId = containerBrokerId(container);
  if (brokerId === undefined || !zookeeper) {
    return [{ ...base, kind: "start-container", containerName: name, after }];
  }
  const wait: Op = {
    id: `deregistered:${service}`,
    kind: "await-deregistered",
    target: service,
    brokerId,
    zookeeper,
    after,
  };
  return [wait, { ...base, kind: "start-container", containerName: name, after: [wait.id] }];
}

function zookeeperAddress(containers: readonly ObservedContainer[]): Address | undefined {
  return containers.filter(({ kind }) => kind === "zookeeper").flatMap(nodeOf)[0]?.address;
}
