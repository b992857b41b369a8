import type {
  Address,
  ContainerSpec,
  ObservedContainer,
  ReadinessGroup,
  VolumeMount,
} from "./model.ts";
import type { Op } from "./plan-model.ts";
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
    ...decisions.reserved.flatMap((spec) => volumeOps(spec, spec.volumes)),
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

function volumeOps(spec: ContainerSpec, volumes: readonly VolumeMount[]): Op[] {
  return volumes.map(({ name }) => ({
    id: `volume:${name}`,
    kind: "create-volume",
    target: name,
    spec,
    after: [],
  }));
}

function createOps(decision: Decision, before: readonly Op[]): Op[] {
  const { spec, action, missingVolumes } = decision;
  const { service } = spec;
  const volumes = volumeOps(spec, missingVolumes);
  if (action !== "create" && action !== "replace") return volumes;
  const own = before.filter(({ kind, target }) => kind === "create-network" || target === service);
  return [
    ...volumes,
    {
      id: `create:${service}`,
      kind: "create-container",
      target: service,
      spec,
      after: idsOf([...own, ...volumes]),
    },
    ...uploadOps(spec),
  ];
}

function uploadOps(spec: ContainerSpec): Op[] {
  const { service, files } = spec;
  if (files.length === 0) return [];
  return [
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
 * first, and each broker once its old id is gone. A new ZooKeeper gets a head start: a broker that
 * connects between the moment when it opens its port and the moment when it serves is dropped, and
 * comes back 2 s later.
 */
function startOps(decisions: Decisions, groups: readonly ReadinessGroup[], before: string[]): Op[] {
  const starting = decisions.services.filter(({ action }) => action !== "keep");
  const gate = brokerGate({
    zookeeper: groups.flatMap(({ probe }) => (probe.kind === "zookeeper" ? probe.nodes : []))[0],
    zookeeperStarts: starting.some(({ spec }) => spec.kind === "zookeeper"),
    zookeeperHasData: decisions.zookeeperHasData,
    before,
  });
  return starting.flatMap((decision): Op[] => {
    const { service, name } = decision.spec;
    const base = { id: `start:${service}`, target: service } as const;
    if (decision.action === "unpause") {
      const { id } = decision.container;
      return [{ ...base, kind: "unpause-container", containerId: id, after: before }];
    }
    const waits = gate(service);
    const after = [...before, ...idsOf(waits)];
    return [...waits, { ...base, kind: "start-container", containerName: name, after }];
  });
}

/** 150 ms were enough on two cores, where both JVMs need 0.5 s until they meet. */
const headStartMs = 150;

interface GateInput {
  readonly zookeeper: { readonly address: Address } | undefined;
  readonly zookeeperStarts: boolean;
  readonly zookeeperHasData: boolean;
  readonly before: string[];
}

/** What a broker waits for before it starts; nothing for any other service. */
function brokerGate({ zookeeper, zookeeperStarts, zookeeperHasData, before }: GateInput) {
  return (service: string): Op[] => {
    const brokerId = brokerIdOf(service);
    if (brokerId === undefined || !zookeeper) return [];
    if (zookeeperHasData) {
      return [
        {
          id: `deregistered:${service}`,
          kind: "await-deregistered",
          target: service,
          brokerId,
          zookeeper: zookeeper.address,
          after: zookeeperStarts ? ["ready:zookeeper"] : before,
        },
      ];
    }
    if (!zookeeperStarts) return [];
    return [
      {
        id: `head-start:${service}`,
        kind: "let-zookeeper-begin",
        target: service,
        durationMs: headStartMs,
        after: before,
      },
    ];
  };
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
