import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { lastLines } from "./logs.ts";

export interface FailureInput {
  readonly client: Dockerode;
  /** Folder of the pipeline.yaml. */
  readonly folder: string;
  /** Service → container name. */
  readonly containers: ReadonlyMap<string, string>;
  readonly now: Date;
}

/**
 * Saves the log and the inspect output of containers under `.dp/failures/<time>/`, with the values
 * of their environment masked. Returns the folder; undefined when no container is left to ask.
 */
export async function saveFailure(input: FailureInput): Promise<string | undefined> {
  const found = await Promise.all(
    [...input.containers].map(async ([service, name]) => {
      const container = input.client.getContainer(name);
      const inspected = await container.inspect().catch(() => undefined);
      if (!inspected) return undefined;
      const lines = await lastLines(container, 10_000).catch(() => []);
      return { service, inspected, lines };
    }),
  );
  const saved = found.filter((one) => one !== undefined);
  if (saved.length === 0) return undefined;
  const time = input.now.toISOString().replaceAll(":", "-");
  const folder = join(input.folder, ".dp", "failures", time);
  await mkdir(folder, { recursive: true });
  await writeFile(join(input.folder, ".dp", ".gitignore"), "*\n");
  for (const { service, inspected, lines } of saved) {
    await writeFile(join(folder, `${service}.log`), lines.map((line) => `${line}\n`).join(""));
    const masked = {
      ...inspected,
      Config: { ...inspected.Config, Env: maskValues(inspected.Config.Env) },
    };
    await writeFile(
      join(folder, `${service}.inspect.json`),
      `${JSON.stringify(masked, null, 2)}\n`,
    );
  }
  return folder;
}

function maskValues(environment: readonly string[]): string[] {
  return environment.map((entry) => `${entry.slice(0, entry.indexOf("="))}=***`);
}
