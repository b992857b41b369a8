import type { EngineClient } from "../docker/connect.ts";
import type { Probe, ProbeResult } from "../stack/model.ts";

/** What a probe is run with. */
export interface ProbeContext {
  readonly signal: AbortSignal;
  /** Loaded only by what asks the engine. */
  readonly client: () => Promise<EngineClient>;
}

type Runner<Kind extends Probe["kind"]> = (
  probe: Extract<Probe, { kind: Kind }>,
  context: ProbeContext,
) => Promise<ProbeResult>;

/** The one table from a kind of probe to what runs it. */
const runners: { readonly [Kind in Probe["kind"]]: Runner<Kind> } = {
  zookeeper: async ({ nodes }, { signal }) => {
    const { checkZooKeeper } = await import("../zookeeper/four-letter.ts");
    return checkZooKeeper(nodes, signal);
  },
  kafka: async ({ brokers, only }, { signal }) => {
    const { checkBrokers } = await import("../kafka/probe.ts");
    return checkBrokers(brokers, { only, signal });
  },
  airflow: async ({ address }, { signal }) => {
    const { checkAirflow } = await import("../airflow/health.ts");
    return checkAirflow(address, signal);
  },
  postgres: async (login, { signal }) => {
    const { checkPostgres } = await import("../stores/postgres.ts");
    return checkPostgres(login, signal);
  },
  http: async (wish, { signal }) => {
    const { checkHttp } = await import("../health/dial.ts");
    return checkHttp(wish, signal);
  },
  tcp: async ({ address }, { signal }) => {
    const { checkTcp } = await import("../health/dial.ts");
    return checkTcp(address, signal);
  },
  exec: async ({ container, command }, context) => {
    const { checkExec } = await import("../docker/container-probes.ts");
    return checkExec({ ...context, client: await context.client(), container }, command);
  },
  log: async ({ container, pattern }, context) => {
    const { checkLog } = await import("../docker/container-probes.ts");
    return checkLog({ ...context, client: await context.client(), container }, pattern);
  },
  running: async ({ container }, context) => {
    const { checkRunning } = await import("../docker/container-probes.ts");
    return checkRunning({ ...context, client: await context.client(), container });
  },
};

/** Asks once whether a group of services is ready. */
export function runProbe(probe: Probe, context: ProbeContext): Promise<ProbeResult> {
  const run = runners[probe.kind] as Runner<Probe["kind"]>;
  return run(probe, context);
}
