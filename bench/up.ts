import { readTexts } from "../src/app/deploy/planning.ts";
import type { Engine } from "../src/docker/engine/connect.ts";
import { findFreePorts } from "../src/docker/stack/ports.ts";
import { messageOf } from "../src/errors.ts";
import { loadStack } from "../src/config/load.ts";
import type { SettledStack } from "../src/model/settled.ts";
import { nothingObserved } from "../src/stack/observed.ts";
import { autoPortCount, settle } from "../src/stack/settle.ts";
import { createBareJvms } from "./bare-jvms.ts";
import { createComposePeer } from "./compose-peer.ts";
import type { Bench, BenchContext } from "./context.ts";
import { findImages, openEngine } from "./engine.ts";
import { compare } from "./measure.ts";
import { clusterYaml, createStack } from "./stack.ts";

interface UpCase {
  readonly name: string;
  readonly yaml: string;
  /** Of the time of docker compose. */
  readonly mostOfCompose: number;
  /** Over the same JVMs without containers. */
  readonly mostOverBareMs: number;
}

/** `dp up` of ZooKeeper and one broker on nothing. */
export const up = upBench({
  name: "up",
  yaml: "zookeeper:\nkafka:\n",
  mostOfCompose: 0.65,
  mostOverBareMs: 900,
});

/** `dp up` of ZooKeeper, three brokers and three topics on nothing. */
export const upCluster = upBench({
  name: "up-cluster",
  yaml: clusterYaml,
  mostOfCompose: 0.5,
  mostOverBareMs: 1200,
});

/** The whole `dp up` beside docker compose and beside bare JVMs. */
function upBench({ name, yaml, mostOfCompose, mostOverBareMs }: UpCase): Bench {
  return {
    name,
    measure: async (context) => {
      const { signal } = context;
      await using stack = await createStack(yaml, signal);
      const engine = await openEngine(signal);
      const settled = await settleFile(stack.folder, { engine, signal });
      await using compose = await have(context, "docker compose", () =>
        createComposePeer(context, { engine, stack: settled }),
      );
      await using bare = await have(context, "bare JVMs", () =>
        createBareJvms(context, { engine, stack: settled }),
      );
      const medians = await compare(
        {
          ours: async () => {
            const { wallMs } = await stack.run(["up"]);
            await stack.remove();
            return wallMs;
          },
          ...(compose && { compose: compose.up, start: compose.startOnly }),
          ...(bare && { bare: bare.up }),
        },
        context,
      );
      return [
        {
          name,
          unit: "ms",
          ours: medians["ours"],
          peer: { name: "docker compose", value: medians["compose"] },
          limit: { kind: "ratio", most: mostOfCompose },
        },
        {
          name: `${name}-over-bare`,
          unit: "ms",
          ours: medians["ours"],
          peer: { name: "bare JVMs", value: medians["bare"] },
          limit: { kind: "excess", mostMs: mostOverBareMs },
        },
        {
          name: `${name}-over-start`,
          unit: "ms",
          ours: medians["ours"],
          peer: { name: "start of containers alone", value: medians["start"] },
          limit: { kind: "none" },
        },
      ];
    },
  };
}

/** The peer; undefined, with a note that says why, when it can't be had on this machine. */
async function have<Peer>(
  { signal, note }: BenchContext,
  name: string,
  create: () => Promise<Peer>,
): Promise<Peer | undefined> {
  try {
    return await create();
  } catch (thrown) {
    signal.throwIfAborted();
    note(`${name} can't be had: ${messageOf(thrown)}`);
    return undefined;
  }
}

/** What the file of a folder means, with the image and with ports that are free now. */
async function settleFile(
  cwd: string,
  { engine, signal }: { readonly engine: Engine; readonly signal: AbortSignal },
): Promise<SettledStack> {
  const env = { ...process.env, DP_PORTS: "auto" };
  const loaded = await loadStack({ cwd, file: undefined, project: undefined, env });
  if (!loaded.ok) throw new Error(`${loaded.file} is not valid`);
  const { stack } = loaded;
  return settle({
    stack,
    observed: nothingObserved,
    freePorts: await findFreePorts(autoPortCount(stack)),
    busyPorts: new Set(),
    images: await findImages(engine, stack, signal),
    texts: await readTexts(stack),
  });
}
