import type { HealthCheck } from "../../health/checks.ts";
import type { FoundStack } from "../stack/running.ts";

/** Milliseconds for the proof, which ends by itself after 10 s, and for the removal of its topic. */
const timeoutMs = 40_000;

/** Records can be written to and read from every broker, on a topic of dp's own. */
export function dataPathChecks(stack: FoundStack): HealthCheck[] {
  if (!stack.observed.containers.some(({ kind }) => kind === "kafka")) return [];
  return [
    {
      service: "kafka",
      name: "data path",
      timeoutMs,
      run: async (signal) => {
        const [{ proveDataPath }, { openSmokeCluster }] = await Promise.all([
          import("../../smoke/data-path.ts"),
          import("./smoke-cluster.ts"),
        ]);
        const opened = openSmokeCluster(stack);
        try {
          const { verdict, evidence } = await proveDataPath(opened.cluster, signal);
          if (verdict !== "passed") throw new Error(evidence);
          return evidence;
        } finally {
          opened.close();
        }
      },
    },
  ];
}
