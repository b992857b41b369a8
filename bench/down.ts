import type { Bench } from "./context.ts";
import { openEngine } from "./engine.ts";
import { compare } from "./measure.ts";
import { clusterYaml, createStack } from "./stack.ts";

/** `dp down` of the cluster, beside the stop of its slowest container when nothing else is done. */
export const down: Bench = {
  name: "down",
  measure: async ({ runs, signal }) => {
    await using stack = await createStack(clusterYaml, signal);
    const engine = await openEngine(signal);
    const client = await engine.client();
    const stop = async (service: string): Promise<number> => {
      const startedAt = performance.now();
      await client.getContainer(`${stack.name}-${service}`).stop();
      return performance.now() - startedAt;
    };
    const medians = await compare(
      {
        ours: async () => {
          await stack.run(["up"]);
          return (await stack.run(["down"])).wallMs;
        },
        slowest: async () => {
          await stack.run(["up"]);
          // In the order that loses nothing: ZooKeeper after the brokers.
          const brokers = await Promise.all(["kafka-1", "kafka-2", "kafka-3"].map(stop));
          return Math.max(...brokers, await stop("zookeeper-1"));
        },
      },
      { runs, signal },
    );
    return [
      {
        name: "down",
        unit: "ms",
        ours: medians["ours"],
        peer: { name: "slowest stop", value: medians["slowest"] },
        limit: { kind: "ratio", most: 1.5 },
      },
    ];
  },
};
