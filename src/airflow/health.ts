import { DpError } from "../errors.ts";
import type { Address, ProbeResult } from "../model/containers.ts";
import { openAirflow } from "./client.ts";

/** A part of Airflow, as the health document judges it. */
export interface AirflowComponent {
  readonly name: "metadatabase" | "scheduler" | "dag-processor" | "triggerer";
  readonly healthy: boolean;
  /** RFC 3339; undefined for one that has never told of itself, or never does. */
  readonly heartbeat: string | undefined;
}

interface ComponentAnswer {
  readonly status: string | null;
  readonly [heartbeat: `latest_${string}_heartbeat`]: string | null;
}

/** `GET /api/v2/monitor/health`: answered with HTTP 200 whatever it says. */
export interface HealthAnswer {
  readonly metadatabase: ComponentAnswer;
  readonly scheduler: ComponentAnswer;
  readonly dag_processor?: ComponentAnswer;
  /** Its status is null where none runs. */
  readonly triggerer?: ComponentAnswer;
}

/**
 * The components of an Airflow that answers, asked once: the caller repeats it. Throws DpError
 * `airflow-failed` for one that does not answer.
 */
export async function readComponents(
  address: Address,
  signal: AbortSignal,
): Promise<AirflowComponent[]> {
  const client = openAirflow(address, { attempts: "one" });
  try {
    return componentsOf(await client.call<HealthAnswer>({ path: "/monitor/health", signal }));
  } finally {
    client.close();
  }
}

/** What a health document says of each component; a triggerer is left out where none runs. */
export function componentsOf(answer: HealthAnswer): AirflowComponent[] {
  const { metadatabase, scheduler, dag_processor: dagProcessor, triggerer } = answer;
  const component = (
    name: AirflowComponent["name"],
    told: ComponentAnswer | undefined,
  ): AirflowComponent => ({
    name,
    healthy: told?.status === "healthy",
    heartbeat: told?.[`latest_${name.replace("-", "_")}_heartbeat`] ?? undefined,
  });
  const hasTriggerer = triggerer !== undefined && triggerer.status !== null;
  return [
    component("metadatabase", metadatabase),
    component("scheduler", scheduler),
    component("dag-processor", dagProcessor),
    ...(hasTriggerer ? [component("triggerer", triggerer)] : []),
  ];
}

/** Ready when it answers and every component is healthy. */
export async function checkAirflow(address: Address, signal: AbortSignal): Promise<ProbeResult> {
  try {
    const sick = (await readComponents(address, signal)).filter(({ healthy }) => !healthy);
    if (sick.length === 0) return { ready: true };
    const names = sick.map(({ name }) => name).join(", ");
    return { ready: false, waitingFor: `${names} ${sick.length === 1 ? "is" : "are"} not healthy` };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof DpError)) throw thrown;
    return { ready: false, waitingFor: `its API does not answer on port ${address.port}` };
  }
}

/** Why a component counts as sick. */
export function describeSickness({ heartbeat }: AirflowComponent): string {
  return heartbeat === undefined
    ? "it has not told of itself"
    : `Airflow calls it unhealthy; its last heartbeat was at ${heartbeat}`;
}
