import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dp } from "./context.ts";
import { time, type TimedCommand, type Timing } from "./measure.ts";

/** ZooKeeper, three brokers and three topics. */
export const clusterYaml = `zookeeper:
kafka: { brokers: 3 }
topics:
  orders: { partitions: 3 }
  payments: { partitions: 3 }
  events: { partitions: 3 }
`;

type RunHow = Pick<TimedCommand, "output" | "timeoutMs" | "exitCode" | "env">;

/** A stack with a name of its own; disposing of it removes all of it. */
export interface BenchStack extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  run(args: readonly string[], how?: RunHow): Promise<Timing>;
  /** Removes containers, network and volumes. */
  remove(): Promise<void>;
}

/** A folder with the pipeline.yaml of a stack; nothing runs yet. */
export async function createStack(yaml: string, signal: AbortSignal): Promise<BenchStack> {
  const name = newName();
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  await writeFile(join(folder, "pipeline.yaml"), `name: ${name}\n${yaml}`);
  const run = (
    args: readonly string[],
    { env, ...how }: RunHow & Pick<TimedCommand, "signal">,
  ): Promise<Timing> =>
    time({ command: [...dp, ...args], cwd: folder, env: { DP_PORTS: "auto", ...env }, ...how });
  // Not interrupted: what was made is removed in any case.
  const remove = async (): Promise<void> => {
    await run(["down", "--volumes", "--project", name], { signal: new AbortController().signal });
  };
  return {
    name,
    folder,
    run: (args, how) => run(args, { signal, ...how }),
    remove,
    [Symbol.asyncDispose]: async () => {
      try {
        await remove();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A name that no other stack, compose project or folder has. */
export function newName(): string {
  return `bch-${randomBytes(4).toString("hex")}`;
}
