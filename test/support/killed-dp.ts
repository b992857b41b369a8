import { engineClient } from "./docker.ts";
import type { EngineProxy } from "./engine-proxy.ts";
import type { Fault } from "./faults.ts";
import type { Project } from "./project.ts";
import type { DpResult, RunningDp } from "./run-dp.ts";

interface Proxied {
  readonly project: Project;
  readonly proxy: EngineProxy;
}

/** The moment of a kill. */
export type KillAt = Omit<Fault, "act">;

/** A fault that kills the program that `start` returns; returns the program. */
export function startDoomed(
  proxy: Pick<EngineProxy, "expectFault">,
  at: KillAt,
  start: () => RunningDp,
): RunningDp {
  // The proxy sees no call before the program runs.
  let dp: RunningDp | undefined = undefined;
  proxy.expectFault({
    ...at,
    act: () => {
      dp?.kill("SIGKILL");
      return false;
    },
  });
  dp = start();
  return dp;
}

/** Runs dp through the proxy and kills it at a call of the engine; without such a call dp ends by itself. */
export function killDp(
  { project, proxy }: Proxied,
  args: readonly string[],
  at: KillAt,
): Promise<DpResult> {
  const env = { DOCKER_HOST: proxy.url };
  return startDoomed(proxy, at, () => project.start(args, { env })).done;
}

/**
 * Runs `dp up` through the proxy. At a call a container of the stack starts, as if the engine had only now
 * come to what a killed dp asked for.
 */
export async function upDuringLateStart(
  { project, proxy }: Proxied,
  at: KillAt & { readonly service: string },
): Promise<DpResult> {
  const { call, when, service } = at;
  const container = (await engineClient()).getContainer(`${project.name}-${service}`);
  const act = (): Promise<boolean> => container.start().then(() => true);
  proxy.expectFault({ call, when, act });
  return project.dp(["up"], { env: { DOCKER_HOST: proxy.url } });
}

/** Fits a call by its method and the end of its path, e.g. `POST`, `/start`. */
export function callTo(
  method: string,
  pathEnd: string,
): (call: { readonly text: string }) => boolean {
  return ({ text }) => text.startsWith(`${method} `) && text.endsWith(pathEnd);
}
