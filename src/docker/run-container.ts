import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { airflowUser, networkName } from "../stack/names.ts";
import type { Engine } from "./connect.ts";
import { removeContainer } from "./engine-calls.ts";
import { toEngineError } from "./engine-error.ts";
import type { StackLabels } from "./labels.ts";

/** The label `dp.kind` of a container that one local run uses and throws away: no service of the stack. */
export const runKind = "run";

/** A container for the steps of one local run. */
export interface RunContainer {
  readonly container: Dockerode.Container;
  /** False when somebody else has put an end to it. */
  isRunning(): Promise<boolean>;
  /** Puts an end to what runs in it, gently if it can, and removes it. Never throws. */
  remove(): Promise<void>;
}

/** Time for steps to end between two batches, in milliseconds. */
const graceMs = 3000;
const pollMs = 50;
const startLimitS = 120;

/**
 * Starts a container that ends when dp does, however that ends: its only process reads what dp's
 * open connection sends, and the engine removes it with that process. `prepare` gets it before its
 * start. Throws DpError `engine-failed`.
 */
export async function startRunContainer(input: {
  readonly client: Dockerode;
  readonly labels: StackLabels;
  /** Unique in the stack. */
  readonly id: string;
  readonly imageId: string;
  readonly prepare: (container: Dockerode.Container) => Promise<void>;
}): Promise<RunContainer> {
  const { client, labels, id, imageId, prepare } = input;
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
      Labels: {
        "dp.project": labels.project,
        "dp.service": id,
        "dp.kind": runKind,
        "dp.file": labels.file,
        "dp.host": labels.host,
        "dp.version": labels.version,
      },
      HostConfig: { AutoRemove: true, NetworkMode: networkName(labels.project) },
    });
    await prepare(container);
    connection = (await container.attach({ stream: true, stdin: true, hijack: true })) as Duplex;
    // It breaks when the container goes: nobody needs to know.
    connection.on("error", () => {});
    await container.start();
  } catch (thrown) {
    connection?.destroy();
    await container?.remove({ force: true, v: true }).catch(() => {});
    throw toEngineError(thrown, `start the container ${name}`);
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
      await removeContainer(client, started.id).catch(() => {});
    },
  };
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

/**
 * Removes containers of local runs: those whose dp is gone, which do not run (any more); with
 * `running` the others too. Returns their names.
 */
export async function removeRunContainers(input: {
  readonly engine: Engine;
  readonly project: string;
  readonly which: "ended" | "all";
  readonly signal?: AbortSignal;
}): Promise<string[]> {
  const { engine, project, which, signal } = input;
  const filters = { label: [`dp.project=${project}`, `dp.kind=${runKind}`] };
  const query = encodeURIComponent(JSON.stringify(filters));
  const listed = await engine.get<readonly ListedRun[]>(
    `/containers/json?all=1&filters=${query}`,
    signal,
  );
  const gone = listed.filter((container) => which === "all" || isLeft(container));
  if (gone.length === 0) return [];
  const client = await engine.client();
  await Promise.all(gone.map(({ Id: id }) => removeContainer(client, id)));
  return gone.map(({ Names: [name = ""] }) => name.slice(1));
}

interface ListedRun {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  /** Epoch seconds. */
  readonly Created: number;
}

/** Whether its dp is gone: one that was only just created is about to be started. */
function isLeft({ State: state, Created: created }: ListedRun): boolean {
  if (state === "created") return Date.now() / 1000 - created > startLimitS;
  return state === "exited" || state === "dead";
}
