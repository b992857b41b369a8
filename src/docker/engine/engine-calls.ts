import type Dockerode from "dockerode";
import { isAlreadyDone, isRemovalUnderWay, statusOf, unlessDone } from "./engine-error.ts";
import { waitForExit } from "./wait-exit.ts";

/**
 * The calls that change what exists. The engine completes what a killed command asked for, so each call may
 * come second: every function here returns when its object is in the wanted state, by whichever call,
 * and throws the engine's refusal otherwise. A container is named by its id or its name.
 */

/** Starts a container. A removed one is a failure: there is nothing left to start. */
export async function startContainer(client: Dockerode, id: string): Promise<void> {
  await unlessSo(client.getContainer(id).start(), (thrown) => statusOf(thrown) === 304);
}

/**
 * Stops a container; a removed one has stopped. It is killed after `timeoutS` seconds, or after its own limit
 * (StopTimeout) when that is left out.
 */
export async function stopContainer(
  client: Dockerode,
  id: string,
  timeoutS?: number,
): Promise<void> {
  const limit = timeoutS === undefined ? {} : { t: timeoutS };
  await unlessDone(client.getContainer(id).stop(limit));
}

/** Lets a frozen container continue. Engines refuse one that is not frozen with different codes. */
export async function unpauseContainer(client: Dockerode, id: string): Promise<void> {
  const container = client.getContainer(id);
  await unlessSo(container.unpause(), async () => !(await container.inspect()).State.Paused);
}

/** Renames a container. A name that another container has is a failure. */
export async function renameContainer(client: Dockerode, id: string, name: string): Promise<void> {
  const container = client.getContainer(id);
  await unlessSo(
    container.rename({ name }),
    async () => (await container.inspect()).Name === `/${name}`,
  );
}

/**
 * Removes a container, running or not, with its anonymous volumes; returns when its name is free, also when
 * the engine was removing it already.
 */
export async function removeContainer(client: Dockerode, id: string): Promise<void> {
  const container = client.getContainer(id);
  try {
    await container.remove({ force: true, v: true });
  } catch (thrown) {
    if (!isAlreadyDone(thrown)) throw thrown;
    if (isRemovalUnderWay(thrown)) await unlessDone(waitForExit(container, { until: "removed" }));
  }
}

export async function removeVolume(client: Dockerode, name: string): Promise<void> {
  await unlessDone(client.getVolume(name).remove());
}

export async function removeNetwork(client: Dockerode, id: string): Promise<void> {
  await unlessDone(client.getNetwork(id).remove());
}

/** Awaits a call; a refusal counts as done when `isSo` finds the object in the state that was asked for. */
async function unlessSo(
  call: Promise<unknown>,
  isSo: (thrown: unknown) => boolean | Promise<boolean>,
): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    if (statusOf(thrown) === undefined || !(await isSo(thrown))) throw thrown;
  }
}
