import type Dockerode from "dockerode";
import { createArchive } from "./archive.ts";
import { toEngineError } from "./engine-error.ts";
import { runInContainer } from "./exec.ts";

const dagsRoot = "/opt/airflow/dags";
const airflowUser = { uid: 50000, gid: 0 };
const removeMs = 10_000;

/** Puts a DAG's file into Airflow's container. Throws DpError `engine-failed`. */
export async function putDagFile(
  container: Dockerode.Container,
  file: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  const entries = [{ path: file.name, content: file.text }];
  const archive = createArchive({ entries, ...airflowUser });
  try {
    await container.putArchive(archive, { path: dagsRoot, abortSignal: signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw toEngineError(thrown, "send a DAG to Airflow's container");
  }
}

/** Removes DAGs' files; those that are not there are no error. Throws DpError `engine-failed`. */
export async function removeDagFiles(
  container: Dockerode.Container,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const command = ["rm", "-f", ...names.map((name) => `${dagsRoot}/${name}`)];
  await runInContainer({ container, command, timeoutMs: removeMs, signal });
}
