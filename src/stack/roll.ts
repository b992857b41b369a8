import type { Address, ReadinessGroup } from "../model/containers.ts";
import { idsOf } from "./op-ids.ts";
import type { Op } from "./plan-model.ts";
import { addressOf } from "./ready-probe.ts";
import type { Decision, Decisions } from "./reconcile.ts";

type Replacement = Extract<Decision, { action: "replace" }>;

/**
 * The containers that are replaced one after another, because others of their cluster serve
 * meanwhile: brokers that run, where at least one more runs, and nodes of an ensemble of ZooKeeper.
 */
export function rolledServices(
  { services, leaving }: Decisions,
  groups: readonly ReadinessGroup[],
): ReadonlySet<string> {
  const helping = leaving.filter(({ running }) => running).length;
  return new Set(groups.flatMap((group) => rolledOf({ group, services, helping })));
}

interface RolledInput {
  readonly group: ReadinessGroup;
  readonly services: readonly Decision[];
  /** How many brokers serve until the roll is done, and leave then. */
  readonly helping: number;
}

function rolledOf({ group: { probe, ...group }, services, helping }: RolledInput): string[] {
  if (probe.kind !== "kafka" && probe.kind !== "zookeeper") return [];
  const members = services.filter(({ spec }) => group.services.includes(spec.service));
  const replaced = members.filter(isRunningReplaced);
  const staying = members.filter(({ action }) => action === "keep");
  const smallest = probe.kind === "kafka" ? 2 - helping : 3;
  if (replaced.length + staying.length < smallest || swapPorts(replaced)) return [];
  return replaced.map(({ spec }) => spec.service);
}

function isRunningReplaced(decision: Decision): decision is Replacement {
  return decision.action === "replace" && decision.old.state === "running";
}

/** Whether one can't start while another still has the port that it is to get. */
function swapPorts(replaced: readonly Replacement[]): boolean {
  return replaced.some(({ spec, old }) => {
    const wanted = spec.ports.map(({ hostPort }) => hostPort);
    const others = replaced.filter((other) => other.old !== old);
    return others.some((other) =>
      other.old.ports.some(({ hostPort }) => wanted.includes(hostPort)),
    );
  });
}

export interface RollInput {
  readonly group: ReadinessGroup;
  readonly decisions: Decisions;
  readonly rolled: ReadonlySet<string>;
  /** Services of the group that start before: they stay whatever becomes of the roll. */
  readonly started: readonly string[];
  /** Ids of the ops before the first one. */
  readonly after: readonly string[];
  /** The ops of one replacement, from the stop of the old container to the start of the new one. */
  readonly replace: (decision: Replacement) => Op[];
}

/**
 * Replaces container after container. Before the first and after each the cluster must be whole: all
 * members answer, and every partition has all its replicas in sync. From then on the new container
 * stays, also when one after it fails, and the old one goes.
 */
export function rollOps({ group, decisions, rolled, started, after, replace }: RollInput): Op[] {
  const members = decisions.services
    .filter(isRunningReplaced)
    .filter(({ spec: { service } }) => rolled.has(service) && group.services.includes(service));
  if (members.length === 0) return [];
  const steady = (op: {
    target: string;
    done: number;
    keeps: readonly string[];
    after: string[];
  }) => ({
    id: `steady:${op.target}`,
    kind: "await-steady" as const,
    target: op.target,
    group: groupWith(group, members.slice(op.done)),
    keeps: op.keeps,
    after: op.after,
  });
  const first = steady({ target: group.name, done: 0, keeps: started, after: [...after] });
  const steps = members.flatMap((decision, index): Op[] => {
    const { service } = decision.spec;
    const last = members[index - 1];
    const replacing = replace(decision);
    return [
      ...begunAfter(replacing, last ? `steady:${last.spec.service}` : first.id),
      steady({
        target: service,
        done: index + 1,
        keeps: [service],
        after: idsOf(replacing).slice(-1),
      }),
      {
        id: `remove:${service}`,
        kind: "remove-container",
        target: service,
        containerId: decision.old.id,
        after: [`steady:${service}`],
      },
    ];
  });
  return [first, ...steps];
}

/** The group while `old` have not been replaced yet: those answer where they did before. */
function groupWith(group: ReadinessGroup, old: readonly Replacement[]): ReadinessGroup {
  const { probe } = group;
  const addresses = new Map(
    old.flatMap(({ spec, old: { ports } }): [string, Address][] =>
      ports.slice(0, 1).map((port) => [spec.service, addressOf(port)]),
    ),
  );
  const placed = <Member extends { readonly service: string; readonly address: Address }>(
    member: Member,
  ): Member => ({ ...member, address: addresses.get(member.service) ?? member.address });
  switch (probe.kind) {
    case "kafka":
      return { ...group, probe: { ...probe, brokers: probe.brokers.map(placed), inSync: true } };
    case "zookeeper":
      return { ...group, probe: { ...probe, nodes: probe.nodes.map(placed) } };
    default:
      return group;
  }
}

/** What waits for none of the others waits for `id`. */
function begunAfter(ops: readonly Op[], id: string): Op[] {
  const own = new Set(idsOf(ops));
  return ops.map((op) =>
    op.after.some((other) => own.has(other)) ? op : { ...op, after: [...op.after, id] },
  );
}
