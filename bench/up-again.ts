import type { Engine } from "../src/docker/engine/connect.ts";
import type { Bench } from "./context.ts";
import { openEngine } from "./engine.ts";
import { compare } from "./measure.ts";
import { clusterYaml, createStack } from "./stack.ts";

/** Ten containers: the cluster, a store, and services that do nothing. */
const tenContainers = (image: string): string => `${clusterYaml}stores:
  warehouse: { type: postgres }
services:
${[1, 2, 3, 4, 5].map((n) => `  worker-${n}: { image: "${image}", command: sleep infinity }`).join("\n")}
`;

/** `dp up` on a stack that runs already: it looks, proves readiness, and changes nothing. */
export const upAgain: Bench = {
  name: "up-again",
  measure: async ({ runs, signal }) => {
    const engine = await openEngine(signal);
    const image = await baseImage(engine, signal);
    const small = await measureAgain("zookeeper:\nkafka:\n", { runs, signal });
    const large = await measureAgain(tenContainers(image), { runs, signal });
    return [
      {
        name: "up-again",
        unit: "ms",
        ours: small,
        peer: undefined,
        limit: { kind: "absolute", most: 1000 },
      },
      {
        name: "up-again-ten",
        unit: "ms",
        ours: large,
        peer: undefined,
        limit: { kind: "absolute", most: 1200 },
      },
    ];
  },
};

/** Any image will do for containers that sleep: that of Kafka is there. */
async function baseImage(engine: Engine, signal: AbortSignal): Promise<string> {
  const images = await engine.get<{ RepoTags: string[] | null }[]>("/images/json", signal);
  const tag = images
    .flatMap(({ RepoTags: tags }) => tags ?? [])
    .find((name) => name.startsWith("dp-kafka:"));
  if (tag === undefined) throw new Error("no image of Kafka is there: dp images build");
  return tag;
}

async function measureAgain(
  yaml: string,
  { runs, signal }: { readonly runs: number; readonly signal: AbortSignal },
): Promise<number | undefined> {
  await using stack = await createStack(yaml, signal);
  await stack.run(["up"], { timeoutMs: 180_000 });
  const { ours } = await compare(
    { ours: async () => (await stack.run(["up"])).wallMs },
    { runs, signal },
  );
  return ours;
}
