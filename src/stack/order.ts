import type { ObservedContainer, ReadinessGroup } from "../model/containers.ts";
import { brokerIdOf, networkName } from "./names.ts";
import { idsOf } from "./op-ids.ts";
import type { Op } from "./plan-model.ts";
import type { Decision, Decisions } from "./reconcile.ts";
import { drainOps } from "./leaving.ts";
import { createOps, retireOps, volumeOps } from "./replace-ops.ts";
import { rolledServices, rollOps } from "./roll.ts";
import { stopOrder } from "./stop-order.ts";
import { topicsId, topicsOps } from "./topics-ops.ts";

export interface OrderInput {
  readonly decisions: Decisions;
  /** In the order in which they depend on each other. */
  readonly groups: readonly ReadinessGroup[];
}

/**
 * Turns decisions into ops with their order: all is created before anything is started; brokers
 * start beside a new ZooKeeper, but after one that has data (see startOps); what was replaced or
 * left the file goes last, when the rest is ready. What serves as one of several is replaced one by
 * one (see rollOps).
 */
export function order({ decisions, groups }: OrderInput): Op[] {
  const { project } = decisions;
  const rolled = rolledServices(decisions, groups);
  const services = decisions.services.filter(({ spec }) => !rolled.has(spec.service));
  const network: Op[] = decisions.createNetwork
    ? [{ id: "network", kind: "create-network", target: networkName(project), after: [] }]
    : [];
  const retired = retireOps(project, services);
  const created = [
    ...decisions.reserved.flatMap((spec) => volumeOps(spec, spec.volumes)),
    ...services.flatMap((decision) => createOps(decision, [...network, ...retired])),
  ];
  const before = idsOf([...retired, ...created]);
  const gate = brokerGate(decisions, groups);
  const topics = topicsId(decisions, groups);
  const started = withDependencies(startOps({ decisions: services, gate, before }), {
    decisions,
    groups,
    topics,
  });
  const replace = replaceOps(decisions, groups);
  // Every op stands in the list after all that it waits for.
  const running = groups.flatMap((group) => {
    const own = started.filter(({ target }) => group.services.includes(target));
    const starts = own.filter(isStart);
    const roll = rollOps({
      group,
      decisions,
      rolled,
      started: starts.map(({ target }) => target),
      after: [...before, ...idsOf(starts), ...readyIds(group, groups)],
      replace,
    });
    const ready = awaitOp(group, [...starts, ...roll.filter(isSteady)]);
    return [...own, ...roll, ready, ...topicsOps({ group, topics, started })];
  });
  const waits = running.filter(({ kind }) => kind === "await-ready");
  const removed = removeOps({ ...decisions, services }, { running, ready: idsOf(waits) });
  const drained = drainOps({ decisions, groups, ready: idsOf(waits), removed });
  return [...network, ...retired, ...created, ...running, ...drained];
}

function isStart({ kind }: Op): boolean {
  return kind === "start-container" || kind === "unpause-container";
}

function isSteady({ kind }: Op): boolean {
  return kind === "await-steady";
}

function readyIds({ needs }: ReadinessGroup, groups: readonly ReadinessGroup[]): string[] {
  return groups.filter(({ name }) => needs.includes(name)).map(({ name }) => `ready:${name}`);
}

/** The ops that put one container into the place of another that runs. */
function replaceOps(decisions: Decisions, groups: readonly ReadinessGroup[]) {
  const gate = brokerGate({ ...decisions, services: [] }, groups);
  return (decision: Decision): Op[] => {
    const retired = retireOps(decisions.project, [decision]);
    const made = [...retired, ...createOps(decision, retired)];
    return [...made, ...startOps({ decisions: [decision], gate, before: idsOf(made) })];
  };
}

interface StartInput {
  readonly decisions: readonly Decision[];
  readonly gate: Gate;
  readonly before: string[];
}

/**
 * A ZooKeeper with data may still hold the ephemeral id of a broker that died, for one session
 * timeout; a broker that starts meanwhile exits with NodeExistsException. So then ZooKeeper comes
 * first, and each broker once its old id is gone. A new ZooKeeper gets a head start: a broker that
 * connects between the moment when it opens its port and the moment when it serves is dropped, and
 * comes back 2 s later.
 */
function startOps({ decisions, gate, before }: StartInput): Op[] {
  const starting = decisions.filter(({ action }) => action !== "keep");
  return starting.flatMap((decision): Op[] => {
    const { service, name } = decision.spec;
    const base = { id: `start:${service}`, target: service } as const;
    if (decision.action === "unpause") {
      const { id } = decision.container;
      return [{ ...base, kind: "unpause-container", containerId: id, after: before }];
    }
    const waits = gate(service, before);
    const after = [...before, ...idsOf(waits)];
    return [...waits, { ...base, kind: "start-container", containerName: name, after }];
  });
}

/**
 * Adds to each start what must hold before it (see ContainerSpec.startsAfter). A container that starts
 * after the brokers finds its topics, whichever condition it names.
 */
function withDependencies(
  started: readonly Op[],
  { decisions, groups, topics }: OrderInput & { readonly topics: string | undefined },
): Op[] {
  const specs = new Map(decisions.services.map(({ spec }) => [spec.service, spec]));
  return started.map((op) => {
    const conditions = isStart(op) ? (specs.get(op.target)?.startsAfter ?? []) : [];
    const after = conditions.flatMap(({ group: name, when }) => {
      const group = groups.find((one) => one.name === name);
      if (group?.probe.kind === "kafka" && topics !== undefined) return [topics];
      if (when === "ready") return group ? [`ready:${name}`] : [];
      return idsOf(started.filter((one) => isStart(one) && group?.services.includes(one.target)));
    });
    return after.length === 0 ? op : { ...op, after: [...op.after, ...after] };
  });
}

/** 150 ms were enough on two cores, where both JVMs need 0.5 s until they meet. */
const headStartMs = 150;

/** What a service waits for before it starts. */
type Gate = (service: string, before: string[]) => Op[];

/** Brokers wait for ZooKeeper; nothing holds any other service. */
function brokerGate(
  { services, zookeeperHasData }: Decisions,
  groups: readonly ReadinessGroup[],
): Gate {
  const nodes = groups.flatMap(({ probe }) => (probe.kind === "zookeeper" ? probe.nodes : []));
  const [zookeeper] = nodes;
  const zookeeperStarts = services.some(
    ({ spec, action }) => spec.kind === "zookeeper" && action !== "keep",
  );
  return (service, before) => {
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

function awaitOp(group: ReadinessGroup, before: readonly Op[]): Op {
  return {
    id: `ready:${group.name}`,
    kind: "await-ready",
    target: group.name,
    group,
    after: idsOf(before),
  };
}

/** What was replaced goes when its successor is proven, at the latest with all that is ready. */
function removeOps(
  { services, gone }: Decisions,
  { running, ready }: { readonly running: readonly Op[]; readonly ready: string[] },
): Op[] {
  const provenBy = (service: string): string[] =>
    running.flatMap((op) =>
      op.kind === "await-steady" && op.keeps.includes(service) ? [op.id] : [],
    );
  const replaced = services.flatMap((decision) => {
    const container = predecessorOf(decision);
    return container ? [{ service: decision.spec.service, container }] : [];
  });
  const removed = replaced.map(({ service, container }): Op => ({
    id: `remove:${service}`,
    kind: "remove-container",
    target: service,
    containerId: container.id,
    after: provenBy(service).length > 0 ? provenBy(service) : ready,
  }));
  const order = stopOrder(gone);
  const nameOf = new Map(gone.map(({ id, name }) => [id, name]));
  const inOrder = [...order.keys()].flatMap((id) =>
    gone.filter((container) => container.id === id),
  );
  const left = inOrder.flatMap((container): Op[] => [
    {
      id: `stop-gone:${container.name}`,
      kind: "stop-container",
      target: container.service,
      containerId: container.id,
      timeoutS: 30,
      after: [
        ...ready,
        ...(order.get(container.id) ?? []).map((id) => `stop-gone:${nameOf.get(id)}`),
      ],
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
