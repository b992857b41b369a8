import { traitParts } from "../../src/stack/fingerprint.ts";
import type { ContainerSpec, Observed, ObservedContainer } from "../../src/model/containers.ts";
import { networkName } from "../../src/stack/names.ts";
import type { Op, Plan } from "../../src/stack/plan-model.ts";
import { remains, running } from "./stack-case.ts";

/**
 * What an engine has when all ops of a plan are done: each op does what the call does that it stands
 * for. Throws Error for what an engine refuses, and for an op that stands before one that it waits for.
 */
export function carryOut(plan: Plan, observed: Observed): Observed {
  const done = new Set<string>();
  return plan.ops.reduce((state, op) => {
    const missing = op.after.find((id) => !done.has(id));
    if (missing !== undefined) throw new Error(`${op.id} stands before ${missing}`);
    done.add(op.id);
    return carryOutOp(op, { state, project: plan.project });
  }, observed);
}

function carryOutOp(
  op: Op,
  { state, project }: { readonly state: Observed; readonly project: string },
): Observed {
  const change = (id: string, but: Partial<ObservedContainer>): Observed => {
    require(state, ({ id: own }) => own === id, op);
    const containers = state.containers.map((one) => (one.id === id ? { ...one, ...but } : one));
    return { ...state, containers };
  };
  switch (op.kind) {
    case "create-network":
      return { ...state, networks: [...state.networks, ...remains([]).networks] };
    case "create-volume": {
      const { service, kind } = op.spec;
      const [like] = remains([]).networks;
      if (!like) throw new Error("no network to copy");
      const volume = { ...like, id: op.target, name: op.target, service, kind };
      return { ...state, volumes: [...state.volumes, { ...volume, parts: traitParts(op.spec) }] };
    }
    case "create-container":
      refuseTaken(state, op.spec);
      if (!state.networks.some(({ name }) => name === networkName(project))) {
        throw new Error(`${op.id}: no network`);
      }
      return {
        ...state,
        containers: [...state.containers, running(op.spec, { id: newId(state), state: "created" })],
      };
    case "start-container": {
      const { id } = require(state, ({ name }) => name === op.containerName, op);
      return change(id, { state: "running" });
    }
    case "unpause-container":
      return change(op.containerId, { state: "running" });
    case "stop-container":
      return change(op.containerId, { state: "exited" });
    case "rename-container":
      return change(op.containerId, { name: op.to });
    case "remove-container":
      require(state, ({ id }) => id === op.containerId, op);
      return { ...state, containers: state.containers.filter(({ id }) => id !== op.containerId) };
    case "remove-volume":
      refuseMounted(state, op);
      return { ...state, volumes: state.volumes.filter(({ name }) => name !== op.target) };
    default:
      // What is uploaded, and waits.
      return state;
  }
}

function require(
  { containers }: Observed,
  fits: (container: ObservedContainer) => boolean,
  { id }: Op,
): ObservedContainer {
  const found = containers.find(fits);
  if (!found) throw new Error(`${id}: no such container`);
  return found;
}

function refuseTaken(state: Observed, spec: ContainerSpec): void {
  if (state.containers.some(({ name }) => name === spec.name)) {
    throw new Error(`the name ${spec.name} is taken`);
  }
  const missing = spec.volumes.find(({ name }) => !state.volumes.some((one) => one.name === name));
  if (missing) throw new Error(`${spec.service} mounts ${missing.name}, which nobody made`);
}

function refuseMounted({ containers, volumes }: Observed, { target }: Op): void {
  const volume = volumes.find(({ name }) => name === target);
  if (!volume) throw new Error(`there is no volume ${target}`);
  const user = containers.find(({ service }) => service === volume.service);
  if (user) throw new Error(`${target} is in use by ${user.name}`);
}

function newId({ containers }: Observed): string {
  const numbers = containers.map(({ id }) => Number(/^made-(\d+)$/.exec(id)?.[1] ?? 0));
  return `made-${Math.max(0, ...numbers) + 1}`;
}
