import { dp, type Bench } from "./context.ts";
import { compare, time } from "./measure.ts";

/** `dp --help`: what dp costs before it does anything. */
export const help: Bench = {
  name: "help",
  measure: async ({ runs, signal, emptyScript }) => {
    const { ours, empty } = await compare(
      {
        ours: async () => (await time({ command: [...dp, "--help"], signal })).wallMs,
        empty: async () => (await time({ command: emptyScript, signal })).wallMs,
      },
      // Short runs: more of them cost nothing and calm the figures.
      { runs: runs * 3, signal },
    );
    return [
      {
        name: "help",
        unit: "ms",
        ours,
        peer: { name: "empty Node script", value: empty },
        limit: { kind: "ratio", most: 1.6 },
      },
    ];
  },
};
