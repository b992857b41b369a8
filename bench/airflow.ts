import type { Bench } from "./context.ts";
import { compare, type Contestant } from "./measure.ts";
import { createStack } from "./stack.ts";

/** `dp up` of Airflow alone until every component is healthy, beside Airflow's own `standalone`. */
export const airflow: Bench = {
  name: "airflow",
  measure: async ({ runs, signal }) => {
    await using fast = await createStack("airflow:\n", signal);
    await using standalone = await createStack("airflow: { start: standalone }\n", signal);
    const up =
      (stack: typeof fast): Contestant =>
      async () => {
        const { wallMs } = await stack.run(["up"], { timeoutMs: 180_000 });
        await stack.remove();
        return wallMs;
      };
    const medians = await compare({ ours: up(fast), standalone: up(standalone) }, { runs, signal });
    return [
      {
        name: "airflow-healthy",
        unit: "ms",
        ours: medians["ours"],
        peer: { name: "airflow standalone", value: medians["standalone"] },
        limit: { kind: "ratio", most: 0.6 },
      },
    ];
  },
};
