import { engineClient } from "./docker.ts";
import type { EngineProxy, Fault } from "./engine-proxy.ts";
import type { Project } from "./project.ts";
import type { DpResult } from "./run-dp.ts";

interface Proxied {
  readonly project: Project;
  readonly proxy: EngineProxy;
}

/** The moment of a kill: at a call of the command, see Fault. */
export type KillAt = Pick<Fault, "call"> & { readonly when: "before" | "during" | "after" };

/** Runs dp through the proxy and kills it at a call; without such a call dp ends by itself. */
export async function killDp(
  { project, proxy }: Proxied,
  args: readonly string[],
  at: KillAt,
): Promise<DpResult> {
  // The proxy sees no call before the program runs.
  let kill = (): void => {};
  proxy.expectFault({ ...at, kill: () => kill() });
  const dp = project.start(args, { env: { DOCKER_HOST: proxy.url } });
  kill = () => dp.kill("SIGKILL");
  return dp.done;
}

/**
 * Runs `dp up` through the proxy. At a call a container of the stack starts, as if the engine had only now
 * come to what a killed dp asked for.
 */
export async function upDuringLateStart(
  { project, proxy }: Proxied,
  at: Pick<Fault, "call"> & { readonly when: "before" | "after"; readonly service: string },
): Promise<DpResult> {
  const { call, when, service } = at;
  const container = (await engineClient()).getContainer(`${project.name}-${service}`);
  proxy.expectFault({ call, when, until: () => container.start() });
  return project.dp(["up"], { env: { DOCKER_HOST: proxy.url } });
}

/** Fits a call by its method and the end of its path, e.g. `POST`, `/start`. */
export function callTo(
  method: string,
  pathEnd: string,
): (call: { readonly text: string }) => boolean {
  return ({ text }) => text.startsWith(`${method} `) && text.endsWith(pathEnd);
}
