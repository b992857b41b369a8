import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "../src/docker/ports.ts";
import type { SettledStack } from "../src/stack/model.ts";
import { jvmEnvironment } from "../src/stack/services/jvm.ts";
import type { BenchContext } from "./context.ts";
import { time, type Contestant } from "./measure.ts";
import { newName } from "./stack.ts";

const version = "v5.6.0";
const files = join(import.meta.dirname, "compose");

export interface ComposePeer extends AsyncDisposable {
  /** Milliseconds of `docker compose up --wait` on nothing; what it made is removed afterwards. */
  readonly up: Contestant;
}

/**
 * docker compose with ZooKeeper and one broker of the same image and JVM flags. Throws Error when
 * there is no compose on this machine and it can't be built.
 */
export async function createComposePeer(
  { signal, cache, note }: BenchContext,
  stack: SettledStack,
): Promise<ComposePeer> {
  const compose = await findCompose({ signal, cache, note });
  const name = newName();
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const [zookeeperPort = 0, kafkaPort = 0] = await findFreePorts(2);
  await cp(files, folder, { recursive: true });
  const properties = join(folder, "server-1.properties");
  const text = await readFile(properties, "utf8");
  // Compose fills in its own file only.
  await writeFile(properties, text.replace("${KAFKA_PORT}", String(kafkaPort)));
  const zookeeper = jvmEnvironment(stack.zookeeper?.heapBytes ?? 0);
  const kafka = jvmEnvironment(stack.kafka?.heapBytes ?? 0);
  const env = {
    IMAGE: stack.kafka?.image.ref ?? "",
    ZOOKEEPER_PORT: String(zookeeperPort),
    KAFKA_PORT: String(kafkaPort),
    ZOOKEEPER_HEAP_OPTS: zookeeper["KAFKA_HEAP_OPTS"] ?? "",
    KAFKA_HEAP_OPTS: kafka["KAFKA_HEAP_OPTS"] ?? "",
    JVM_PERFORMANCE_OPTS: kafka["KAFKA_JVM_PERFORMANCE_OPTS"] ?? "",
  };
  const base = [compose, "--project-name", name, "--file", join(folder, "compose.fast.yaml")];
  const down = async (): Promise<void> => {
    const command = [...base, "down", "--volumes", "--timeout", "0"];
    await time({ command, env, signal: new AbortController().signal });
  };
  return {
    up: async () => {
      const { wallMs } = await time({ command: [...base, "up", "--wait"], env, signal });
      await down();
      return wallMs;
    },
    [Symbol.asyncDispose]: async () => {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The program, built once from its module with the dependencies that its release names: Go's proxy
 * has it where no download page can be reached.
 */
async function findCompose({
  signal,
  cache,
  note,
}: Pick<BenchContext, "signal" | "cache" | "note">): Promise<string> {
  const program = join(cache, `docker-compose-${version}`);
  if (existsSync(program)) return program;
  note(`building docker compose ${version}, minutes`);
  const limits = { signal, timeoutMs: 900_000 };
  const module = `github.com/docker/compose/v5`;
  const { stdout } = await time({
    command: ["go", "mod", "download", "-json", `${module}@${version}`],
    cwd: cache,
    ...limits,
  });
  const { Dir: cwd } = JSON.parse(stdout) as { Dir: string };
  const label = `-X ${module}/internal.Version=${version}`;
  const built = `${program}.new`;
  await time({
    command: ["go", "build", "-ldflags", label, "-o", built, "./cmd"],
    cwd,
    ...limits,
  });
  await rename(built, program);
  return program;
}
