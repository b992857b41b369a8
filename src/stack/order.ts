import type { ContainerSpec, ObservedContainer, Op, ReadinessGroup } from "./model.ts";
import { brokerIdOf, networkName, replacedName } from "./names.ts";
import type { Decision, Decisions } from "./reconcile.ts";

export interface OrderInput {
  readonly decisions: Decisions;
  /** In the order in which they depend on each other. */
  readonly groups: readonly ReadinessGroup[];
}

/**
 * Turns decisions into ops with their order: all is created before anything is started; brokers
 * start beside a new ZooKeeper, but after one that has data (see startOps); what was replaced or
 * left the file goes last, when the rest is ready.
 */
export function order({ decisions, groups }: OrderInput): Op[] {
  const { project, services } = decisions;
  const network: Op[] = decisions.createNetwork
    ? [{ id: "network", kind: "create-network", target: networkName(project), after: [] }]
    : [];
  const retired = services.toReversed().flatMap(retireOps(project, services));
  const created = [
    ...decisions.reserved.flatMap(volumeOps),
    ...services.flatMap((decision) => createOps(decision, [...network, ...retired])),
  ];
  const started = startOps(decisions, groups, idsOf([...retired, ...created]));
  // Every op stands in the list after all that it waits for.
  const running = groups.flatMap((group) => {
    const own = started.filter(({ target }) => group.services.includes(target));
    return [...own, awaitOp(group, own)];
  });
  const waits = running.filter(({ kind }) => kind === "await-ready");
  const removed = removeOps(decisions, idsOf(waits));
  return [...network, ...retired, ...created, ...running, ...removed];
}

/** Debris goes; a container that is replaced stops and makes room for its name. */
function retireOps(project: string, all: readonly Decision[]) {
  return (decision: Decision): Op[] => {
    const { service, kind, stopTimeoutS } = decision.spec;
    const debris = decision.debris.map((container, index): Op => ({
      id: `remove-debris:${service}:${index}`,
      kind: "remove-container",
      target: service,
      containerId: container.id,
      after: [],
    }));
    if (decision.action !== "replace") return debris;
    const { old } = decision;
    const running = old.state === "running" || old.state === "paused";
    // Brokers say goodbye to ZooKeeper: without it each of them waits for seconds.
    const brokersFirst =
      kind === "zookeeper"
        ? all.flatMap(({ spec, action }) =>
            action === "replace" && spec.kind === "kafka" ? [`stop:${spec.service}`] : [],
          )
        : [];
    const stop: Op[] = running
      ? [
          {
            id: `stop:${service}`,
            kind: "stop-container",
            target: service,
            containerId: old.id,
            timeoutS: stopTimeoutS,
            after: brokersFirst,
          },
        ]
      : [];
    const to = replacedName(project, service);
    const rename: Op[] =
      old.name === to
        ? []
        : [
            {
              id: `rename:${service}`,
              kind: "rename-container",
              target: service,
              containerId: old.id,
              from: old.name,
              to,
              after: idsOf([...debris, ...stop]),
            },
          ];
    return [...debris, ...stop, ...rename];
  };
}

function volumeOps(spec: ContainerSpec): Op[] {
  return spec.volumes.map(({ name }) => ({
    id: `volume:${spec.service}`,
    kind: "create-volume",
    target: name,
    spec,
    after: [],
  }));
}

function createOps(decision: Decision, before: readonly Op[]): Op[] {
  const { spec, action, createVolume } = decision;
  const { service } = spec;
  const volume = createVolume ? volumeOps(spec) : [];
  if (action !== "create" && action !== "replace") return volume;
  const own = before.filter(({ kind, target }) => kind === "create-network" || target === service);
  return [
    ...volume,
    {
      id: `create:${service}`,
      kind: "create-container",
      target: service,
      spec,
      after: idsOf([...own, ...volume]),
    },
    {
      id: `upload:${service}`,
      kind: "upload",
      target: service,
      spec,
      after: [`create:${service}`],
    },
  ];
}

/**
 * A ZooKeeper with data may still hold the ephemeral id of a broker that died, for one session
 * timeout; a broker that starts meanwhile exits with NodeExistsException. So then ZooKeeper comes
 * first, and each broker once its old id is gone. Beside a new ZooKeeper brokers start right after
 * it: one that connects between the moment when ZooKeeper opens its port and the moment when it
 * serves is dropped, and comes back 2 s later.
 */
function startOps(decisions: Decisions, groups: readonly ReadinessGroup[], before: string[]): Op[] {
  const zookeeper = groups.find(({ probe }) => probe.kind === "zookeeper")?.probe;
  const address = zookeeper?.kind === "zookeeper" ? zookeeper.nodes[0]?.address : undefined;
  const starting = decisions.services.filter(({ action }) => action !== "keep");
  const zookeeperStarts = starting.filter(({ spec }) => spec.kind === "zookeeper");
  return starting.flatMap((decision): Op[] => {
    const { service, name } = decision.spec;
    if (decision.action === "unpause") {
      const { id } = decision.container;
      return [
        {
          id: `start:${service}`,
          kind: "unpause-container",
          target: service,
          containerId: id,
          after: before,
        },
      ];
    }
    const brokerId = brokerIdOf(service);
    const waitsForOldId = brokerId !== undefined && address && decisions.zookeeperHasData;
    const wait: Op[] = waitsForOldId
      ? [
          {
            id: `deregistered:${service}`,
            kind: "await-deregistered",
            target: service,
            brokerId,
            zookeeper: address,
            after: zookeeperStarts.length > 0 ? ["ready:zookeeper"] : before,
          },
        ]
      : [];
    const zookeeperFirst = brokerId === undefined ? [] : idsOfStarts(zookeeperStarts);
    const after = [...before, ...(waitsForOldId ? idsOf(wait) : zookeeperFirst)];
    return [
      ...wait,
      {
        id: `start:${service}`,
        kind: "start-container",
        target: service,
        containerName: name,
        after,
      },
    ];
  });
}

function idsOfStarts(decisions: readonly Decision[]): string[] {
  return decisions.map(({ spec }) => `start:${spec.service}`);
}

function awaitOp(group: ReadinessGroup, started: readonly Op[]): Op {
  return {
    id: `ready:${group.name}`,
    kind: "await-ready",
    target: group.name,
    group,
    after: started.filter(({ id }) => id.startsWith("start:")).map(({ id }) => id),
  };
}

function removeOps({ services, gone }: Decisions, after: string[]): Op[] {
  const replaced = services.flatMap((decision) => {
    const container = predecessorOf(decision);
    return container ? [{ service: decision.spec.service, container }] : [];
  });
  const removed = replaced.map(({ service, container }): Op => ({
    id: `remove:${service}`,
    kind: "remove-container",
    target: service,
    containerId: container.id,
    after,
  }));
  const left = gone.flatMap((container): Op[] => [
    {
      id: `stop-gone:${container.name}`,
      kind: "stop-container",
      target: container.service,
      containerId: container.id,
      timeoutS: 30,
      after,
    },
    {
      id: `remove-gone:${container.name}`,
      kind: "remove-container",
      target: container.service,
      containerId: container.id,
      after: [`stop-gone:${container.name}`],
    },
  ]);
  return [...removed, ...left];
}

function predecessorOf(decision: Decision): ObservedContainer | undefined {
  switch (decision.action) {
    case "replace":
      return decision.old;
    case "keep":
    case "start":
      return decision.leftover;
    case "create":
    case "unpause":
      return undefined;
  }
}

function idsOf(ops: readonly Op[]): string[] {
  return ops.map(({ id }) => id);
}
