import type { Bench } from "./context.ts";
import { compare } from "./measure.ts";
import { createStack } from "./stack.ts";

/** `dp up` on a stack that runs already: it looks, proves readiness, and changes nothing. */
export const upAgain: Bench = {
  name: "up-again",
  measure: async ({ runs, signal }) => {
    await using stack = await createStack("zookeeper:\nkafka:\n", signal);
    await stack.run(["up"]);
    const { ours } = await compare(
      { ours: async () => (await stack.run(["up"])).wallMs },
      { runs, signal },
    );
    return [
      {
        name: "up-again",
        unit: "ms",
        ours,
        peer: undefined,
        limit: { kind: "absolute", mostMs: 1000 },
      },
    ];
  },
};
