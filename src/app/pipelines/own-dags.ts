import { pipelineOfFile } from "../../airflow/dag.ts";
import { DpError } from "../../errors.ts";
import { hashOf } from "./code.ts";
import { readProjectFiles, type ProjectFile } from "./files.ts";

/** A file of the folder of hand-written DAGs, as it is sent. */
export interface OwnFile extends ProjectFile {
  readonly hash: string;
}

/** The files of `airflow.dags`; none without such a folder. Throws DpError `invalid-file`. */
export async function readOwnDags(folder: string | undefined): Promise<OwnFile[]> {
  if (folder === undefined) return [];
  const { files } = await readProjectFiles(folder, [".git", ".dp"]);
  const taken = files.find(({ path }) => pipelineOfFile(path) !== undefined);
  if (taken) {
    throw new DpError({
      code: "invalid-file",
      message: `${folder}/${taken.path}: names that begin with dp_ are dp's own`,
      why: "DAGs of pipelines are sent to Airflow under them",
      next: "rename the file",
    });
  }
  return files.map((file) => ({ ...file, hash: hashOf([file]) }));
}
