import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { assertInside } from "../../files/real-path.ts";
import { createScrubber, isSecretName, mask, secretsAmong } from "../../safe-text/redact.ts";
import { lastLines } from "../exec/logs.ts";

export interface FailureInput {
  readonly client: Dockerode;
  /** Folder of the pipeline.yaml. */
  readonly folder: string;
  /** Service → container name. */
  readonly containers: ReadonlyMap<string, string>;
  readonly now: Date;
  /** Masks the secrets that are known of the stack. */
  readonly redact: (text: string) => string;
}

/**
 * Saves the log and the inspect output of containers under `.dp/failures/<time>/`, without secrets and
 * for the user alone to read. Returns the folder; undefined when no container is left to ask.
 * Throws Error when the files would leave the folder of pipeline.yaml through a link.
 */
export async function saveFailure(input: FailureInput): Promise<string | undefined> {
  const found = await Promise.all(
    [...input.containers].map(async ([service, name]) => {
      const { client, redact } = input;
      const evidence = await readEvidence(client, { name, lineCount: 10_000, redact });
      return evidence && { service, ...evidence };
    }),
  );
  const saved = found.filter((one) => one !== undefined);
  if (saved.length === 0) return undefined;
  for (const path of [".dp/failures", ".dp/.gitignore"]) assertInside(input.folder, path);
  const time = input.now.toISOString().replaceAll(":", "-");
  const failures = join(input.folder, ".dp", "failures");
  const folder = join(failures, time);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // An earlier version left it open to other users.
  await chmod(failures, 0o700);
  await writeFile(join(input.folder, ".dp", ".gitignore"), "*\n");
  for (const { service, log, inspect } of saved) {
    await writeFile(join(folder, `${service}.log`), log, { mode: 0o600 });
    await writeFile(join(folder, `${service}.inspect.json`), inspect, { mode: 0o600 });
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
  {
    name,
    lineCount,
    redact,
  }: {
    readonly name: string;
    readonly lineCount: number;
    readonly redact: (text: string) => string;
  },
): Promise<ContainerEvidence | undefined> {
  const container = client.getContainer(name);
  const inspected = await container.inspect().catch(() => undefined);
  if (!inspected) return undefined;
  const lines = await lastLines(container, { count: lineCount }).catch(() => []);
  const environment = (inspected.Config.Env ?? []).map(splitVariable);
  // Programs log them, and commands contain them.
  const own = createScrubber(
    secretsAmong(
      environment.filter(([variable]) => isSecretName(variable)),
      () => mask,
    ),
  );
  const hide = (text: string): string => own(redact(text));
  const Env = environment.map(([variable]) => `${variable}=${mask}`);
  const shown = { ...inspected, Config: { ...inspected.Config, Env } };
  const hideTexts = (_: string, value: unknown): unknown =>
    typeof value === "string" ? hide(value) : value;
  return {
    log: lines.map((line) => `${hide(line)}\n`).join(""),
    inspect: `${JSON.stringify(shown, hideTexts, 2)}\n`,
  };
}

function splitVariable(entry: string): [name: string, value: string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}
