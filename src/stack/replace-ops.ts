import type { ContainerSpec, ObservedContainer, VolumeMount } from "../model/containers.ts";
import { replacedName } from "./names.ts";
import { isUp } from "./observed.ts";
import { idsOf } from "./op-ids.ts";
import type { Op } from "./plan-model.ts";
import type { Decision } from "./reconcile.ts";
import { stopOrder } from "./stop-order.ts";

/**
 * Debris goes; containers that are replaced stop, those first that need another (see stopOrder), and
 * make room for their names.
 */
export function retireOps(project: string, decisions: readonly Decision[]): Op[] {
  const running = decisions.flatMap((decision) => (isRunning(decision) ? [decision.old] : []));
  const order = stopOrder(running.toReversed());
  const serviceOf = new Map(running.map(({ id, service }) => [id, service]));
  const ranks = new Map([...order.keys()].map((id, index) => [serviceOf.get(id), index]));
  const rankOf = ({ spec }: Decision): number => ranks.get(spec.service) ?? -1;
  const stopsBefore = (old: ObservedContainer): string[] =>
    (order.get(old.id) ?? []).map((id) => `stop:${serviceOf.get(id)}`);
  return decisions
    .toReversed()
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .flatMap(retire({ project, stopsBefore }));
}

function isRunning(decision: Decision): decision is Extract<Decision, { action: "replace" }> {
  return decision.action === "replace" && isUp(decision.old);
}

function retire(options: {
  readonly project: string;
  /** Ids of the ops that must be done before a container stops. */
  readonly stopsBefore: (old: ObservedContainer) => string[];
}) {
  return (decision: Decision): Op[] => {
    const { service, stopTimeoutS } = decision.spec;
    const debris = decision.debris.map((container, index): Op => ({
      id: `remove-debris:${service}:${index}`,
      kind: "remove-container",
      target: service,
      containerId: container.id,
      after: [],
    }));
    if (decision.action !== "replace") return debris;
    const { old } = decision;
    const stop: Op[] = isRunning(decision)
      ? [
          {
            id: `stop:${service}`,
            kind: "stop-container",
            target: service,
            containerId: old.id,
            timeoutS: stopTimeoutS,
            after: options.stopsBefore(old),
          },
        ]
      : [];
    const to = replacedName(options.project, service);
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

export function volumeOps(spec: ContainerSpec, volumes: readonly VolumeMount[]): Op[] {
  return volumes.map(({ name }) => ({
    id: `volume:${name}`,
    kind: "create-volume",
    target: name,
    spec,
    after: [],
  }));
}

export function createOps(decision: Decision, before: readonly Op[]): Op[] {
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
