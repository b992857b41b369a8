import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { Observed, ObservedContainer, ObservedObject } from "../../model/containers.ts";
import { watchDeaths } from "./deaths.ts";
import { removeContainer, removeNetwork, removeVolume } from "../engine/engine-calls.ts";
import { engineWords } from "../engine/engine-error.ts";
import { runStep } from "../engine/step.ts";
import { gentleStop } from "./stop-gently.ts";
import { allDone, engineCall, inStopOrder } from "./stop.ts";

export interface RemoveInput {
  readonly client: Dockerode;
  readonly project: string;
  readonly observed: Observed;
  /** Whether data goes, too. */
  readonly volumes: "keep" | "remove";
  /** Called when all containers are removed and before their networks are. */
  readonly beforeNetworks: () => Promise<unknown>;
  readonly emit: Emit;
  /** Ends the wait for the engine, which finishes what it was asked for by itself. */
  readonly signal: AbortSignal;
}

/**
 * Removes all containers and networks of a stack, and its volumes when asked. Containers stop gently
 * and in order (see stopOrder), but for ZooKeeper, which has every transaction on disk before it answers
 * (https://zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html, forceSync); when the data goes as well
 * nothing needs to. Returns the names of the removed volumes. Goes on when one thing can't be removed,
 * and throws that failure at the end.
 */
export async function removeStack(input: RemoveInput): Promise<string[]> {
  const { client, project, observed, volumes, beforeNetworks, emit, signal } = input;
  const remove = (target: string, what: string, work: () => Promise<void>): Promise<void> => {
    const action = `remove${what}`;
    return runStep({
      emit,
      action,
      target,
      work: async () => {
        signal.throwIfAborted();
        await engineCall(`${action} ${target}`, unlessAborted(work(), signal));
      },
    });
  };
  if (volumes === "keep") {
    const deaths = await watchDeaths(client, project);
    const removed: Promise<void>[] = [];
    const gently = gentleStop(client, observed.containers);
    // What stops after a container need not wait until its network is taken down and it is removed.
    const stop = (container: ObservedContainer): Promise<void> =>
      new Promise((resolve, reject) => {
        const { id, service, kind, state } = container;
        const done = remove(service, "", async () => {
          // The container carries its own limit (StopTimeout).
          const isGentle = state === "running" && kind !== "zookeeper";
          if (isGentle) {
            deaths.onDeath(id, resolve);
            await gently(container);
          }
          resolve();
          await removeContainer(client, id);
        });
        done.catch(reject);
        removed.push(done);
      });
    try {
      await inStopOrder(observed.containers, stop);
    } finally {
      await Promise.allSettled(removed);
      deaths.stop();
    }
    await allDone(removed);
  } else {
    await allDone(
      observed.containers.map(({ id, service }) =>
        remove(service, "", () => removeContainer(client, id)),
      ),
    );
  }
  await beforeNetworks();
  await allDone([
    ...observed.networks.map((network) =>
      remove(network.name, " network", () => removeOwnNetwork(client, network)),
    ),
    ...(volumes === "keep" ? [] : observed.volumes).map(({ name }) =>
      remove(name, " volume", () => removeVolume(client, name)),
    ),
  ]);
  return volumes === "keep" ? [] : observed.volumes.map(({ name }) => name);
}

async function removeOwnNetwork(
  client: Dockerode,
  { id, name }: Pick<ObservedObject, "id" | "name">,
): Promise<void> {
  try {
    await removeNetwork(client, id);
  } catch (thrown) {
    // Docker's words, and Podman's.
    if (!/has active endpoints|has associated containers/.test(engineWords(thrown))) throw thrown;
    const { Containers: attached = {} } = (await client
      .getNetwork(id)
      .inspect()) as AttachedContainers;
    const [first, ...others] = Object.values(attached ?? {}).map((container) => container.Name);
    if (first === undefined) throw thrown;
    throw new DpError({
      code: "engine-failed",
      message: `can't remove network ${name}: ${[first, ...others].join(", ")} is attached to it`,
      why: `${engineWords(thrown)}; that container is not one of the stack's`,
      next: `docker network disconnect ${name} ${first}, then the same command again`,
      cause: thrown,
    });
  }
}

interface AttachedContainers {
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>> | null;
}

/** Ends with the signal's reason when it aborts. */
async function unlessAborted(call: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  await Promise.race([call, aborted]);
}
