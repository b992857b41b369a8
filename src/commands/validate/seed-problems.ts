import type { LoadedStack } from "../../config/load.ts";
import { toProblem } from "../../config/parse.ts";
import type { Problem } from "../../stack/problem.ts";

/** Enough to find a wrong format, whatever the size of the file. */
const linesToCheck = 100;

/** What is wrong in the first lines of the seeds, at the place in pipeline.yaml that names the seed. */
export async function checkSeeds({
  stack,
  content,
}: Extract<LoadedStack, { ok: true }>): Promise<Problem[]> {
  const { checkSeed } = await import("../../kafka/produce/seed-lines.ts");
  const found = await Promise.all(
    stack.topics.map(async ({ name, seed }) => {
      if (seed === undefined) return [];
      const problem = await checkSeed(seed, linesToCheck);
      if (problem === undefined) return [];
      const message = `${problem.message}: ${problem.why}`;
      const path = ["topics", name, "seed"];
      return [toProblem({ path, message, hint: problem.next }, content.placeOf)];
    }),
  );
  return found.flat();
}
