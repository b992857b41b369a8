import { observeStack } from "../../src/docker/stack/observe.ts";
import type { EngineClient } from "../../src/docker/engine/connect.ts";
import type { ObservedContainer } from "../../src/model/containers.ts";
import { openEngine } from "./engine.ts";

/** The containers of a stack, sorted by service. */
export async function containersOf(project: string): Promise<ObservedContainer[]> {
  const { containers } = await observeStack(await openEngine(), project);
  return containers.toSorted((a, b) => (a.service < b.service ? -1 : 1));
}

/** Service → what must not change while nothing is done to the stack: id, state and time of start. */
export async function identitiesOf(project: string): Promise<Record<string, string>> {
  const containers = await containersOf(project);
  return Object.fromEntries(
    containers.map(({ name, id, state, startedAt }) => [name, `${id} ${state} ${startedAt}`]),
  );
}

/** The host port of a service's first port; 0 where it has none. */
export async function hostPortOf(project: string, service: string): Promise<number> {
  const container = (await containersOf(project)).find((one) => one.service === service);
  return container?.ports[0]?.hostPort ?? 0;
}

/** Makes the volume of a service as dp made that of another project; `labels` replace its own. */
export async function createVolumeLike(
  model: { readonly project: string; readonly service: string },
  copy: {
    readonly project: string;
    readonly labels: Record<string, string>;
    /** Of the driver `local`, e.g. for one that lies in memory and has a size. */
    readonly options?: Record<string, string>;
  },
): Promise<void> {
  const { project, labels, options = {} } = copy;
  const client = await engineClient();
  const nameIn = (owner: string): string => `${owner}-${model.service}-data`;
  const { Labels: own } = await client.getVolume(nameIn(model.project)).inspect();
  await client.createVolume({
    Name: nameIn(project),
    Labels: { ...own, "dp.project": project, ...labels },
    DriverOpts: options,
  });
}

/** The client for what a test itself does to the engine. */
export async function engineClient(): Promise<EngineClient> {
  return (await openEngine()).client();
}
