import type { Probe, ProbeResult } from "../stack/model.ts";

type Runner<Kind extends Probe["kind"]> = (
  probe: Extract<Probe, { kind: Kind }>,
  signal: AbortSignal,
) => Promise<ProbeResult>;

/** The one table from a kind of probe to what runs it. */
const runners: { readonly [Kind in Probe["kind"]]: Runner<Kind> } = {
  zookeeper: async ({ nodes }, signal) => {
    const { checkZooKeeper } = await import("../zookeeper/four-letter.ts");
    return checkZooKeeper(nodes, signal);
  },
  kafka: async ({ brokers, only }, signal) => {
    const { checkBrokers } = await import("../kafka/probe.ts");
    return checkBrokers(brokers, { only, signal });
  },
};

/** Asks once whether a group of services is ready. */
export function runProbe(probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const run = runners[probe.kind] as Runner<Probe["kind"]>;
  return run(probe, signal);
}
