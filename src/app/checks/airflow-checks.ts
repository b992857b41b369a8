import type { AirflowComponent } from "../../airflow/health.ts";
import { notApplicable, type HealthCheck, type HealthVerdict } from "../../health/checks.ts";
import type { Address } from "../../model/containers.ts";

/** Airflow answers for all its components at once; each is a check of its own. */
export function airflowChecks(service: string, address: Address): HealthCheck[] {
  let asked: Promise<AirflowComponent[]> | undefined;
  const components = (signal: AbortSignal): Promise<AirflowComponent[]> =>
    (asked ??= import("../../airflow/health.ts")
      .then((health) => health.readComponents(address, signal))
      // A later check sends a new request.
      .finally(() => (asked = undefined)));
  // A component that is late with its heartbeat, and an API that does not answer, may recover.
  const mayPass = (): boolean => true;
  const component = (name: AirflowComponent["name"]): HealthCheck => ({
    service,
    name,
    mayPass,
    run: async (signal) => {
      const found = (await components(signal)).find((one) => one.name === name);
      // In `fast` the triggerer starts when the first task defers.
      if (!found) return notApplicable;
      if (found.healthy) return found.heartbeat ? `heartbeat at ${found.heartbeat}` : "answers";
      const { describeSickness } = await import("../../airflow/health.ts");
      throw new Error(describeSickness(found));
    },
  });
  const api: HealthCheck = {
    service,
    name: "api",
    mayPass,
    run: async (signal) => {
      await components(signal);
      return `on ${address.host}:${address.port}`;
    },
  };
  return [
    component("scheduler"),
    component("dag-processor"),
    component("triggerer"),
    api,
    component("metadatabase"),
  ];
}

/** Airflow's healthy components in a few words: `scheduler, dag-processor, api ok`. */
export function summarizeAirflow(verdicts: readonly HealthVerdict[]): string {
  const shown = verdicts.filter(({ check }) => check !== "container" && check !== "metadatabase");
  return `${shown.map(({ check }) => check).join(", ")} ok`;
}
