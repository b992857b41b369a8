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
      const evidence = await readEvidence(input.client, { name, lineCount: 10_000 });
      return evidence && { service, ...evidence };
    }),
  );
  const saved = found.filter((one) => one !== undefined);
  if (saved.length === 0) return undefined;
  const time = input.now.toISOString().replaceAll(":", "-");
  const folder = join(input.folder, ".dp", "failures", time);
  await mkdir(folder, { recursive: true });
  await writeFile(join(input.folder, ".dp", ".gitignore"), "*\n");
  for (const { service, log, inspect } of saved) {
    await writeFile(join(folder, `${service}.log`), log);
    await writeFile(join(folder, `${service}.inspect.json`), inspect);
  }
  return folder;
}

/** What tells of a container. */
export interface ContainerEvidence {
  /** Its last lines. */
  readonly log: string;
  /** What the engine knows of it as JSON, with the values of its environment masked. */
  readonly inspect: string;
}

/** Undefined for a container that is gone. */
export async function readEvidence(
  client: Dockerode,
  { name, lineCount }: { readonly name: string; readonly lineCount: number },
): Promise<ContainerEvidence | undefined> {
  const container = client.getContainer(name);
  const inspected = await container.inspect().catch(() => undefined);
  if (!inspected) return undefined;
  const lines = await lastLines(container, { count: lineCount }).catch(() => []);
  const masked = {
    ...inspected,
    Config: { ...inspected.Config, Env: maskValues(inspected.Config.Env) },
  };
  return {
    log: lines.map((line) => `${line}\n`).join(""),
    inspect: `${JSON.stringify(masked, null, 2)}\n`,
  };
}

function maskValues(environment: readonly string[] | null): string[] {
  return (environment ?? []).map((entry) => `${entry.slice(0, entry.indexOf("="))}=***`);
}
