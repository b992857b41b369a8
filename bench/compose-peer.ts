import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "../src/docker/engine/connect.ts";
import type { ContainerSpec } from "../src/model/containers.ts";
import type { SettledStack } from "../src/model/settled.ts";
import { containersOf } from "../src/stack/services.ts";
import { allAnswer } from "./bare-jvms.ts";
import { composeFile } from "./compose-file.ts";
import type { BenchContext } from "./context.ts";
import { time, type Contestant } from "./measure.ts";
import { newName } from "./stack.ts";

const version = "v5.6.0";

export interface ComposePeer extends AsyncDisposable {
  /** Milliseconds of `docker compose up --wait` on nothing; what it made is removed afterwards. */
  readonly up: Contestant;
  /**
   * Milliseconds from asking the engine to start the same containers, all at once and created before,
   * until ZooKeeper and all brokers are ready: nobody's `up` can be faster.
   */
  readonly startOnly: Contestant;
}

/**
 * docker compose with the ZooKeeper, brokers and topics of a stack: the same image, JVM flags and
 * configuration. Throws Error when there is no compose on this machine and it can't be built.
 */
export async function createComposePeer(
  { signal, cache, note }: BenchContext,
  { engine, stack }: { readonly engine: Engine; readonly stack: SettledStack },
): Promise<ComposePeer> {
  const compose = await findCompose({ signal, cache, note });
  const name = newName();
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const specs = containersOf(stack);
  for (const { service, files } of specs) {
    for (const { path, content } of files) {
      const copy = join(folder, service, path);
      await mkdir(dirname(copy), { recursive: true });
      await writeFile(copy, content);
    }
  }
  const file = join(folder, "compose.json");
  await writeFile(file, JSON.stringify(composeFile(specs, { folder, topics: stack.topics })));
  const base = [compose, "--project-name", name, "--file", file];
  const down = async (): Promise<void> => {
    const command = [...base, "down", "--volumes", "--timeout", "0"];
    await time({ command, signal: new AbortController().signal });
  };
  return {
    up: async () => {
      const { wallMs } = await time({ command: [...base, "up", "--wait"], signal });
      await down();
      return wallMs;
    },
    startOnly: async () => {
      const services = specs.map(({ service }) => service);
      await time({ command: [...base, "create", ...services], signal });
      const client = await engine.client();
      const startedAt = performance.now();
      await Promise.all(
        services.map((service) => client.getContainer(`${name}-${service}-1`).start()),
      );
      await allAnswer(publishedPorts(specs), signal);
      const tookMs = performance.now() - startedAt;
      await down();
      return tookMs;
    },
    [Symbol.asyncDispose]: async () => {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function publishedPorts(specs: readonly ContainerSpec[]) {
  const portsOf = (wanted: string): number[] =>
    specs.filter(({ kind }) => kind === wanted).map(({ ports: [port] }) => port?.hostPort ?? 0);
  return { client: portsOf("zookeeper")[0] ?? 0, external: portsOf("kafka") };
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
