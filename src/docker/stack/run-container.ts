import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import { airflowUser, networkName } from "../../stack/names.ts";
import { removeContainer, startContainer } from "../engine/engine-calls.ts";
import { engineWords, toEngineError } from "../engine/engine-error.ts";
import type { StackLabels } from "./labels.ts";
import { readStartTime } from "../../process-identity.ts";

/** The label `dp.kind` of a container that one local run uses and throws away: no service of the stack. */
export const runKind = "run";

/** A container for the steps of one local run. */
export interface RunContainer {
  readonly container: Dockerode.Container;
  /** False when somebody else has put an end to it. */
  isRunning(): Promise<boolean>;
  /** Puts an end to what runs in it, gently if it can, and removes it. Throws DpError `engine-failed`. */
  remove(): Promise<void>;
}

/** Time for steps to end between two batches, in milliseconds. */
const graceMs = 3000;
const pollMs = 50;

/** The label that names the process which created the container: its pid and start time. */
export const processLabel = "dp.process";

/** The labels of a container that this process removes again: other commands leave it alone while dp lives. */
export async function runLabels(
  { project, file, host, version }: StackLabels,
  id: string,
): Promise<Record<string, string>> {
  return {
    "dp.project": project,
    "dp.service": id,
    "dp.kind": runKind,
    "dp.file": file,
    "dp.host": host,
    "dp.version": version,
    [processLabel]: `${process.pid} ${(await readStartTime(process.pid)) ?? ""}`,
  };
}

/**
 * Starts a container that ends when dp does, however that ends: its only process reads what dp's
 * open connection sends, and the engine removes it with that process. One that was created and not
 * started yet is left when dp is killed: see removeLeftRuns. Throws DpError `engine-failed`.
 */
export async function startRunContainer(input: {
  readonly client: Dockerode;
  readonly labels: StackLabels;
  /** Unique in the stack. */
  readonly id: string;
  readonly imageId: string;
  /** The network of the stack, which must exist, or none. */
  readonly network: "stack" | "none";
}): Promise<RunContainer> {
  const { client, labels, id, imageId, network } = input;
  const name = `${labels.project}-${id}`;
  let container: Dockerode.Container | undefined;
  let connection: Duplex | undefined;
  try {
    container = await client.createContainer({
      name,
      Image: imageId,
      Entrypoint: ["/bin/cat"],
      Cmd: [],
      User: `${airflowUser.uid}:${airflowUser.gid}`,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      Labels: await runLabels(labels, id),
      HostConfig: {
        AutoRemove: true,
        NetworkMode: network === "none" ? "none" : networkName(labels.project),
      },
    });
    connection = (await container.attach({ stream: true, stdin: true, hijack: true })) as Duplex;
    // It breaks when the container goes: nobody needs to know.
    connection.on("error", () => {});
    await startContainer(client, container.id);
  } catch (thrown) {
    connection?.destroy();
    const failure = toEngineError(thrown, `start the container ${name}`);
    throw container ? await removeAfter(failure, { client, id: container.id, name }) : failure;
  }
  const started = container;
  const held = connection;
  return {
    container: started,
    isRunning: () =>
      started.inspect().then(
        ({ State: state }) => state.Running,
        () => false,
      ),
    remove: async () => {
      await endSteps(started).catch(() => {});
      held.destroy();
      await removeContainer(client, started.id).catch((thrown: unknown) => {
        throw toEngineError(thrown, `remove the container ${name}`);
      });
    },
  };
}

/** Removes the container of a start that failed; returns the failure, which names a container that is left. */
async function removeAfter(
  failure: unknown,
  { client, id, name }: { readonly client: Dockerode; readonly id: string; readonly name: string },
): Promise<unknown> {
  try {
    await removeContainer(client, id);
    return failure;
  } catch (thrown) {
    if (!(failure instanceof DpError)) return failure;
    const { code, message, why, evidence, next, cause } = failure;
    const left = `the container ${name} is left: ${engineWords(thrown)}`;
    return new DpError({ code, message, why, evidence: [...evidence, left], next, cause });
  }
}

/** Asks all processes but the first to end, and waits until they have, or for the grace period. */
async function endSteps(container: Dockerode.Container): Promise<void> {
  const isIdle = async (): Promise<boolean> => {
    const { Processes: processes } = (await container.top()) as { Processes: readonly unknown[] };
    return processes.length <= 1;
  };
  if (await isIdle()) return;
  const exec = await container.exec({ Cmd: ["/bin/sh", "-c", "kill -TERM -1"] });
  await exec.start({ Detach: true });
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline && !(await isIdle())) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
