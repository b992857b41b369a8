import type Dockerode from "dockerode";
import { dagsFolder } from "../stack/names.ts";
import { upload } from "./code-archive.ts";
import { runInContainer } from "./exec.ts";

const removeMs = 10_000;

/** Puts a DAG's file into Airflow's container. Throws DpError `engine-failed`. */
export function putDagFile(
  container: Dockerode.Container,
  file: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  const entries = [{ path: `${dagsFolder}/${file.name}`, content: file.text }];
  return upload(container, { entries, folders: [], signal });
}

/** Removes DAGs' files; those that are not there are no error. Throws DpError `engine-failed`. */
export async function removeDagFiles(
  container: Dockerode.Container,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const command = ["rm", "-f", ...names.map((name) => `${dagsFolder}/${name}`)];
  await runInContainer({ container, command, timeoutMs: removeMs, signal });
}
