import { createInterface } from "node:readline";
import type Dockerode from "dockerode";

export interface DeathWatch {
  /** Calls `told` when the process of the container ends; never when the engine does not tell. */
  onDeath(id: string, told: () => void): void;
  stop(): void;
}

/**
 * Hears of the end of a stack's processes before the calls that stop them return: the engine takes down
 * their network in between, a tenth of a second each. Only a hint: without events there is nothing to hear.
 */
export async function watchDeaths(client: Dockerode, project: string): Promise<DeathWatch> {
  const listeners = new Map<string, () => void>();
  const stopping = new AbortController();
  const filters = { event: ["die"], label: [`dp.project=${project}`] };
  const follow = async (events: NodeJS.ReadableStream): Promise<void> => {
    for await (const line of createInterface({ input: events })) {
      const { id = "" } = JSON.parse(line) as { readonly id?: string };
      listeners.get(id)?.();
    }
  };
  try {
    const events = await client.getEvents({ filters, abortSignal: stopping.signal });
    follow(events).catch(() => undefined);
  } catch {
    // The stop calls tell the same, later.
  }
  return {
    onDeath: (id, told) => void listeners.set(id, told),
    stop: () => stopping.abort(),
  };
}
