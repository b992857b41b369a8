import type { AirflowClient } from "../../airflow/client.ts";
import { listImportErrors, type ImportError } from "../../airflow/dags.ts";
import { hintForTrouble, readImportError } from "../../airflow/import-errors.ts";
import { sleep } from "../../async/timers.ts";
import { readSentTime } from "../../docker/exec/code-archive.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import type { BrokenDag } from "../../report/pipeline-list.ts";
import { airflowPlaces } from "../../stack/names.ts";
import { pathOfDag, type FilePipelines } from "./file-pipelines.ts";

/** Airflow of a stack, with the time of the last deployment. */
export interface DeployedAirflow {
  readonly client: AirflowClient;
  /** In the time of Airflow's container, epoch milliseconds; undefined before the first deployment. */
  readonly sentAt: (signal: AbortSignal) => Promise<number | undefined>;
}

/** Asks the container when files were deployed to it. */
export function createSentTime(
  engine: Pick<Engine, "client">,
  { id }: { readonly id: string },
): DeployedAirflow["sentAt"] {
  return async (signal) => {
    const docker = await engine.client();
    return readSentTime(docker.getContainer(id), airflowPlaces.sent, signal);
  };
}

/** The import errors of Airflow, which is behind when files were deployed a moment ago. */
export interface CurrentErrors {
  /** Errors of the files as they were deployed last. */
  readonly current: readonly ImportError[];
  /** Errors of an earlier version, which Airflow has not read again. */
  readonly outdated: readonly ImportError[];
}

/** Reads the import errors once. The container is asked only when there is an error. */
export async function readErrors(
  { client, sentAt }: DeployedAirflow,
  signal: AbortSignal,
): Promise<CurrentErrors> {
  const errors = await listImportErrors(client, signal);
  if (errors.length === 0) return { current: [], outdated: [] };
  const sent = (await sentAt(signal)) ?? 0;
  return {
    current: errors.filter(({ at }) => at >= sent),
    outdated: errors.filter(({ at }) => at < sent),
  };
}

const pollMs = 200;
/** Airflow reads each file every 5 seconds. */
const patienceMs = 8000;

/**
 * The import errors of the files as they were deployed last. Waits some seconds for an Airflow that has
 * not read a deployed file again, and then leaves the earlier error of the file out.
 */
export async function listCurrentErrors(
  airflow: DeployedAirflow,
  signal: AbortSignal,
): Promise<readonly ImportError[]> {
  const givesUpAt = performance.now() + patienceMs;
  for (;;) {
    const { current, outdated } = await readErrors(airflow, signal);
    if (outdated.length === 0 || performance.now() > givesUpAt) return current;
    await sleep(pollMs, signal);
  }
}

/** An import error with the place in the user's file. */
export function toBrokenDag(error: ImportError, ofFile: FilePipelines | undefined): BrokenDag {
  const trouble = readImportError(error);
  const { file, line = null, message, missingModule, replacement } = trouble;
  // Without either, the hint is to fix the line, which is in the message.
  const isKnown = missingModule !== undefined || replacement !== undefined;
  const hint = isKnown ? hintForTrouble(trouble) : null;
  return { file: pathOfDag(file, ofFile), line, message, hint };
}
