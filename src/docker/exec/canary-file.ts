import type Dockerode from "dockerode";
import { upload, type Owner } from "./code-archive.ts";
import { runInContainer } from "./exec.ts";

const removeMs = 10_000;

/** Puts a DAG's file into Airflow's container. Throws DpError `engine-failed`. */
export function putDagFile(
  container: Dockerode.Container,
  file: { readonly path: string; readonly text: string; readonly owner: Owner },
  signal: AbortSignal,
): Promise<void> {
  const { path, text: content, owner } = file;
  return upload(container, { entries: [{ path, content }], folders: [], owner, signal });
}

/** Removes DAGs' files; those that are not there are no error. Throws DpError `engine-failed`. */
export async function removeDagFiles(
  container: Dockerode.Container,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const command = ["rm", "-f", ...paths];
  await runInContainer({ container, command, timeoutMs: removeMs, signal });
}
