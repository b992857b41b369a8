import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { networkName } from "../../stack/names.ts";
import type { StepContainer } from "../../stack/step-container.ts";
import { removeContainer, startContainer, stopContainer } from "../engine/engine-calls.ts";
import { engineWords, toEngineError } from "../engine/engine-error.ts";
import { watchExit } from "../engine/wait-exit.ts";
import { framedLines } from "../exec/logs.ts";
import type { StackLabels } from "./labels.ts";
import { runLabels } from "./run-container.ts";

/** How one attempt of a step in a container ended. */
export type StepEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "timed-out" }
  /** The engine did not start it, e.g. because the image has no such program. */
  | { readonly kind: "not-started"; readonly reason: string };

export interface StepContainerInput {
  readonly client: Dockerode;
  readonly labels: StackLabels;
  /** Unique in the stack. */
  readonly id: string;
  readonly container: StepContainer;
  /** Arguments and variables with their values. */
  readonly filled: {
    readonly command: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  };
  /** Id of the container of the run: nothing of the step outlives it. */
  readonly runContainer: string;
  readonly onLine: (line: string) => void;
  readonly timeout: AbortSignal | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs a step in a container of its own, which is removed in the end, however that comes. Throws the
 * signal's reason, or DpError `engine-failed`.
 *
 * The container shares the process namespace of the run's container, whose only process ends when dp
 * does: then the kernel kills all processes of the namespace, and the engine removes both.
 * https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
export async function runStepContainer(input: StepContainerInput): Promise<StepEnd> {
  const { client, labels, id, signal } = input;
  const name = `${labels.project}-${id}`;
  signal.throwIfAborted();
  let container: Dockerode.Container | undefined;
  try {
    container = await createStepContainer(input, name);
    return await follow(container, input);
  } catch (thrown) {
    signal.throwIfAborted();
    throw toEngineError(thrown, `run the container ${name}`);
  } finally {
    if (container) await removeContainer(client, container.id);
  }
}

async function createStepContainer(
  { client, labels, id, container, filled, runContainer }: StepContainerInput,
  name: string,
): Promise<Dockerode.Container> {
  const { entrypoint, binds, volumes, extraHosts, ulimits } = container;
  const body: Dockerode.ContainerCreateOptions = {
    Image: container.image,
    ...(entrypoint.length > 0 ? { Entrypoint: [...entrypoint] } : {}),
    ...(filled.command.length > 0 ? { Cmd: [...filled.command] } : {}),
    ...(container.workingDir === undefined ? {} : { WorkingDir: container.workingDir }),
    ...(container.user === undefined ? {} : { User: container.user }),
    Env: Object.entries(filled.environment).map(([key, value]) => `${key}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
    StopTimeout: container.stopTimeoutS,
    Labels: await runLabels(labels, id),
    HostConfig: {
      AutoRemove: true,
      NetworkMode: networkName(labels.project),
      PidMode: `container:${runContainer}`,
      Mounts: [
        ...volumes.map(({ name: source, target }) => ({
          Type: "volume" as const,
          Source: source,
          Target: target,
        })),
        ...binds.map(({ source, target, readOnly }) => ({
          Type: "bind" as const,
          Source: source,
          Target: target,
          ReadOnly: readOnly,
        })),
      ],
      ...(extraHosts && {
        ExtraHosts: extraHosts.map(({ name: host, address }) => `${host}:${address}`),
      }),
      ...(ulimits && {
        Ulimits: ulimits.map(({ name: limit, soft, hard }) => ({
          Name: limit,
          Soft: soft,
          Hard: hard,
        })),
      }),
      ...(container.memLimitBytes === undefined ? {} : { Memory: container.memLimitBytes }),
      ...(container.cpus === undefined ? {} : { NanoCpus: Math.round(container.cpus * 1e9) }),
    },
  };
  // Query and body apart: dockerode would put the environment into the URL as well.
  const options = { _query: { name }, _body: body };
  return client.createContainer(options as unknown as Dockerode.ContainerCreateOptions);
}

async function follow(
  container: Dockerode.Container,
  { client, container: { stopTimeoutS }, onLine, timeout, signal }: StepContainerInput,
): Promise<StepEnd> {
  // Both begin before the start: a short program may have ended right after it.
  const [exit, stream] = await Promise.all([
    watchExit(container, { until: "removed" }),
    container.attach({ stream: true, stdout: true, stderr: true }),
  ]);
  const output = stream as unknown as Readable;
  const stop = AbortSignal.any([signal, ...(timeout ? [timeout] : [])]);
  let stopping: Promise<void> | undefined;
  const onStop = (): void => {
    stopping = stopContainer(client, container.id, stopTimeoutS);
    // It is awaited below.
    stopping.catch(() => {});
  };
  try {
    await startContainer(client, container.id);
  } catch (thrown) {
    output.destroy();
    exit.exitCode().catch(() => {});
    return { kind: "not-started", reason: engineWords(thrown) };
  }
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  try {
    for await (const { line } of framedLines(output as AsyncIterable<Buffer>)) {
      onLine(line.replace(/\r$/, ""));
    }
    const exitCode = await exit.exitCode();
    await stopping;
    signal.throwIfAborted();
    return timeout?.aborted === true ? { kind: "timed-out" } : { kind: "exited", exitCode };
  } finally {
    stop.removeEventListener("abort", onStop);
    output.destroy();
  }
}
