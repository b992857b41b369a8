import type { EngineClient } from "../../docker/engine/connect.ts";
import type { Probe, ProbeResult } from "../../model/containers.ts";

/** What a probe is run with. */
export interface ProbeContext {
  readonly signal: AbortSignal;
  /**
   * Milliseconds that one attempt waits for a broker or a node of ZooKeeper; short when left out, for a
   * loop that waits for a port behind which nothing answers yet.
   */
  readonly attemptMs?: number;
  /** Loaded only by what asks the engine. */
  readonly client: () => Promise<EngineClient>;
}

type Runner<Kind extends Probe["kind"]> = (
  probe: Extract<Probe, { kind: Kind }>,
  context: ProbeContext,
) => Promise<ProbeResult>;

/** The one table from a kind of probe to what runs it. */
const runners: { readonly [Kind in Probe["kind"]]: Runner<Kind> } = {
  zookeeper: async ({ nodes, only }, { signal, attemptMs }) => {
    const { checkMember, checkZooKeeper } = await import("../../zookeeper/four-letter.ts");
    const member = nodes.find(({ service }) => service === only);
    if (!member) return checkZooKeeper(nodes, { signal, attemptMs });
    return checkMember(member, { size: nodes.length, signal, attemptMs });
  },
  kafka: async ({ brokers, only, inSync }, { signal, attemptMs }) => {
    const { checkBrokers } = await import("../../kafka/cluster/probe.ts");
    const answering = await checkBrokers(brokers, { only, signal, attemptMs });
    if (!answering.ready || !inSync) return answering;
    const { checkInSync } = await import("../../kafka/topics/in-sync.ts");
    return checkInSync(brokers, signal);
  },
  airflow: async ({ address }, { signal }) => {
    const { checkAirflow } = await import("../../airflow/health.ts");
    return checkAirflow(address, signal);
  },
  postgres: async (login, { signal }) => {
    const { checkPostgres } = await import("../../stores/postgres.ts");
    return checkPostgres(login, signal);
  },
  redis: async (login, { signal }) => {
    const { checkRedis } = await import("../../stores/redis.ts");
    return checkRedis(login, signal);
  },
  s3: async (wish, { signal }) => {
    const { checkS3 } = await import("../../stores/s3.ts");
    return checkS3(wish, signal);
  },
  http: async (wish, { signal }) => {
    const { checkHttp } = await import("../../health/dial.ts");
    return checkHttp(wish, signal);
  },
  tcp: async ({ address, container, containerPort }, { signal, client }) => {
    const { checkTcp } = await import("../../health/dial.ts");
    const findDirect = async () => {
      const { findDirectAddress } = await import("../../docker/stack/direct-address.ts");
      return findDirectAddress({ client: await client(), container, signal }, containerPort);
    };
    return checkTcp({ address, findDirect }, signal);
  },
  exec: async ({ container, ...check }, context) => {
    const { checkExec } = await import("../../docker/exec/container-probes.ts");
    return checkExec({ ...context, client: await context.client(), container }, check);
  },
  log: async ({ container, pattern }, context) => {
    const { checkLog } = await import("../../docker/exec/container-probes.ts");
    return checkLog({ ...context, client: await context.client(), container }, pattern);
  },
  running: async ({ container }, context) => {
    const { checkRunning } = await import("../../docker/exec/container-probes.ts");
    return checkRunning({ ...context, client: await context.client(), container });
  },
  completed: async ({ container }, context) => {
    const { checkCompleted } = await import("../../docker/exec/container-probes.ts");
    return checkCompleted({ ...context, client: await context.client(), container });
  },
};

/** Asks once whether a group of services is ready. */
export function runProbe(probe: Probe, context: ProbeContext): Promise<ProbeResult> {
  const run = runners[probe.kind] as Runner<Probe["kind"]>;
  return run(probe, context);
}
