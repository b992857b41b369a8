import { join } from "node:path";
import type { Bench } from "./context.ts";
import { compare, time } from "./measure.ts";

const script = join(import.meta.dirname, "plan-once.ts");

/** Planning a stack of 100 services for the first time in a process: no I/O, a cold JIT. */
export const planning: Bench = {
  name: "planning",
  measure: async ({ runs, signal }) => {
    const planOnce = async (): Promise<number> => {
      const { stdout } = await time({
        command: [process.execPath, "--import", "tsx", script],
        signal,
      });
      return Number(stdout);
    };
    const { ours } = await compare({ ours: planOnce }, { runs, signal });
    return [
      {
        name: "planning-100-services",
        unit: "ms",
        ours,
        peer: undefined,
        limit: { kind: "absolute", most: 50 },
      },
    ];
  },
};
