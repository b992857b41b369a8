import type Dockerode from "dockerode";
import type { Emit } from "../report/event.ts";
import type { Observed, ObservedContainer } from "../stack/model.ts";
import { removeContainer } from "./container.ts";
import { toEngineError, unlessDone } from "./engine-error.ts";

export interface RemoveInput {
  readonly client: Dockerode;
  readonly observed: Observed;
  /** Whether data goes, too. */
  readonly volumes: "keep" | "remove";
  readonly emit: Emit;
}

/**
 * Removes all containers and networks of a stack, and its volumes when asked. Brokers stop before
 * ZooKeeper, so that they can say goodbye to it; when the data goes as well nothing needs to stop
 * gracefully. Returns the names of the removed volumes.
 */
export async function removeStack(input: RemoveInput): Promise<string[]> {
  const { client, observed, volumes, emit } = input;
  const graceful = volumes === "keep";
  const brokers = observed.containers.filter(({ kind }) => kind === "kafka");
  const others = observed.containers.filter(({ kind }) => kind !== "kafka");
  const remove = (container: ObservedContainer): Promise<void> =>
    step(emit, { target: container.service, action: "remove" }, async () => {
      const handle = client.getContainer(container.id);
      if (graceful && container.state === "running") {
        // The container carries its own limit (StopTimeout).
        await unlessDone(handle.stop());
      }
      await removeContainer(client, container.id);
    });
  if (graceful) await Promise.all(brokers.map(remove));
  await Promise.all((graceful ? others : observed.containers).map(remove));
  await Promise.all([
    ...observed.networks.map(({ id, name }) =>
      step(emit, { target: name, action: "remove network" }, () =>
        unlessDone(client.getNetwork(id).remove()),
      ),
    ),
    ...(volumes === "keep" ? [] : observed.volumes).map(({ name }) =>
      step(emit, { target: name, action: "remove volume" }, () =>
        unlessDone(client.getVolume(name).remove()),
      ),
    ),
  ]);
  return volumes === "keep" ? [] : observed.volumes.map(({ name }) => name);
}

async function step(
  emit: Emit,
  what: { target: string; action: string },
  work: () => Promise<void>,
): Promise<void> {
  const base = { type: "step", id: `${what.action}:${what.target}`, ...what } as const;
  emit({ ...base, state: "start" });
  try {
    await work();
  } catch (thrown) {
    emit({ ...base, state: "failed" });
    throw toEngineError(thrown, `${what.action} ${what.target}`);
  }
  emit({ ...base, state: "done" });
}
