import type { HealthCheck } from "../../health/checks.ts";
import type { FoundStack } from "../running.ts";

/** Records can be written to and read from every broker, on a topic of dp's own. */
export function dataPathChecks(stack: FoundStack): HealthCheck[] {
  if (!stack.observed.containers.some(({ kind }) => kind === "kafka")) return [];
  return [
    {
      service: "kafka",
      name: "data path",
      run: async (signal) => {
        const [{ proveDataPath }, { openSmokeCluster }] = await Promise.all([
          import("../../smoke/data-path.ts"),
          import("../smoke/cluster.ts"),
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
