import type Dockerode from "dockerode";
import type { Emit } from "../../model/events.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import { isUp } from "../../stack/observed.ts";
import { stopOrder } from "../../stack/stop-order.ts";
import { unpauseContainer } from "../engine/engine-calls.ts";
import { toEngineError, unlessDone } from "../engine/engine-error.ts";
import { runStep } from "../engine/step.ts";
import { gentleStop } from "./stop-gently.ts";

/**
 * Runs work on each container when it is done on all that must stop before it (see stopOrder). Throws
 * the first failure, after the work under way has ended.
 */
export async function inStopOrder(
  containers: readonly ObservedContainer[],
  work: (container: ObservedContainer) => Promise<void>,
): Promise<void> {
  const order = stopOrder(containers);
  const running = new Map<string, Promise<void>>();
  const run = (container: ObservedContainer): Promise<void> => {
    const known = running.get(container.id);
    if (known) return known;
    const before = containers.filter(({ id }) => order.get(container.id)?.includes(id));
    const begun = Promise.all(before.map(run)).then(() => work(container));
    running.set(container.id, begun);
    return begun;
  };
  await allDone(containers.map(run));
}

/** Waits for all; throws the first failure. */
export async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}

/**
 * Stops those of the containers that run, gently and each within its own limit (StopTimeout), and keeps
 * them; returns their services. When the signal is aborted those that wait for others go on.
 */
export async function stopContainers(input: {
  readonly client: Dockerode;
  readonly containers: readonly ObservedContainer[];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<string[]> {
  const { client, emit, signal } = input;
  const containers = input.containers.filter(isUp);
  const gently = gentleStop(client, containers);
  await inStopOrder(containers, (one) =>
    runStep({
      emit,
      action: "stop",
      target: one.service,
      work: async () => {
        signal.throwIfAborted();
        const { id, service, state } = one;
        // A frozen process takes no signal; a container that is gone needs none.
        if (state === "paused") {
          await engineCall(`unpause ${service}`, unlessDone(unpauseContainer(client, id)));
        }
        await engineCall(`stop ${service}`, gently(one));
      },
    }),
  );
  return containers.map(({ service }) => service).toSorted();
}

/** Awaits a call; throws what it threw as a DpError that names it. */
export async function engineCall(action: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    throw toEngineError(thrown, action);
  }
}
