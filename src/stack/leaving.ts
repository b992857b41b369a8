import type { Address, ReadinessGroup } from "../model/containers.ts";
import { brokerIdOf } from "./names.ts";
import { idsOf } from "./op-ids.ts";
import type { LeavingBroker } from "./placement.ts";
import { servicesOf } from "./placement.ts";
import type { Op } from "./plan-model.ts";
import { addressOf } from "./ready-probe.ts";
import type { Decisions } from "./reconcile.ts";

/** The groups while brokers that leave still serve: the others list them until they are gone. */
export function withLeaving(
  groups: readonly ReadinessGroup[],
  { leaving }: Decisions,
): readonly ReadinessGroup[] {
  const serving = leaving.flatMap(({ id, service, running }) => {
    const [port] = running?.ports ?? [];
    return port ? [{ id, service, address: addressOf(port) }] : [];
  });
  if (serving.length === 0) return groups;
  return groups.map((group) => {
    if (group.probe.kind !== "kafka") return group;
    return { ...group, probe: { ...group.probe, brokers: [...group.probe.brokers, ...serving] } };
  });
}

interface DrainInput {
  readonly decisions: Decisions;
  readonly groups: readonly ReadinessGroup[];
  /** Ids of the waits for all groups. */
  readonly ready: readonly string[];
  /** What stops and removes the containers of services that left the file, among others. */
  readonly removed: readonly Op[];
}

/**
 * Adds to the removals what brokers that leave need: when all is ready, their partitions move away
 * and they stop; then the cluster forgets them. The volume goes last: while it is there the next run
 * goes on from where this one was interrupted.
 */
export function drainOps({ decisions, groups, ready, removed }: DrainInput): Op[] {
  const { leaving, services } = decisions;
  const staying = services.flatMap(({ spec }) => brokerIdOf(spec.service) ?? []);
  const bootstrap = addressesOf(groups, staying);
  const running = leaving.filter((broker) => broker.running);
  const drain: Op[] =
    running.length === 0
      ? []
      : [
          {
            id: "drain",
            kind: "drain-brokers",
            target: servicesOf(running),
            leaving: running.map(({ id }) => id),
            staying,
            bootstrap,
            after: ready,
          },
        ];
  const isStop = ({ kind, target }: Op): boolean =>
    kind === "stop-container" && running.some(({ service }) => service === target);
  const stopping = removed.map((op) =>
    isStop(op) ? { ...op, after: [...op.after, ...idsOf(drain)] } : op,
  );
  const isKraft = services.some(({ spec }) => spec.dataTraits["mode"] === "kraft");
  const forgotten = leaving.flatMap((broker) =>
    forgetOps(broker, { bootstrap, ready, removed, isKraft }),
  );
  return [...drain, ...stopping, ...forgotten];
}

interface ForgetInput extends Pick<DrainInput, "ready" | "removed"> {
  readonly bootstrap: readonly Address[];
  readonly isKraft: boolean;
}

function forgetOps(
  { id, service, volume }: LeavingBroker,
  { bootstrap, ready, removed, isKraft }: ForgetInput,
): Op[] {
  const removals = removed.filter(
    ({ kind, target }) => kind === "remove-container" && target === service,
  );
  const after = removals.length > 0 ? idsOf(removals) : ready;
  const unregister: Op[] = isKraft
    ? [
        {
          id: `unregister:${service}`,
          kind: "unregister-broker",
          target: service,
          brokerId: id,
          bootstrap,
          after,
        },
      ]
    : [];
  return [
    ...unregister,
    {
      id: `remove-volume:${volume.name}`,
      kind: "remove-volume",
      target: volume.name,
      after: [...after, ...idsOf(unregister)],
    },
  ];
}

function addressesOf(groups: readonly ReadinessGroup[], ids: readonly number[]): Address[] {
  return groups.flatMap(({ probe }) =>
    probe.kind === "kafka"
      ? probe.brokers.filter(({ id }) => ids.includes(id)).map(({ address }) => address)
      : [],
  );
}
