import { randomBytes } from "node:crypto";
import type { EngineClient } from "../../docker/engine/connect.ts";
import { readSent, upload, uploadCode, type Owner } from "../../docker/exec/code-archive.ts";
import { runInContainer } from "../../docker/exec/exec.ts";
import { DpError } from "../../errors.ts";
import {
  airflowUser,
  codeFolderPath,
  containerName,
  runnerService,
  runnerTokenPath,
} from "../../stack/names.ts";
import type { PipelineCode } from "./code.ts";

type Container = ReturnType<EngineClient["getContainer"]>;

export interface RunnerDelivery {
  readonly client: EngineClient;
  readonly project: string;
  /** Airflow's. */
  readonly airflow: Container;
  readonly code: PipelineCode;
  /** Whether a run may still use code of another version. */
  readonly isRunning: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

const root: Owner = { uid: 0, gid: 0 };
const removalTimeoutMs = 60_000;

/**
 * Puts a version of the pipelines into the container of the step runner, through the engine: Airflow can't
 * change what the runner starts. Gives both the secret of this runner, each in a file that only its user
 * reads. Throws DpError `not-running` without a runner.
 */
export async function sendToRunner(delivery: RunnerDelivery): Promise<void> {
  const { client, project, code, signal } = delivery;
  const runner = client.getContainer(containerName(project, runnerService));
  const exists = await runner.inspect({ abortSignal: signal }).then(
    () => true,
    () => false,
  );
  signal.throwIfAborted();
  if (!exists) throw noRunner(project);
  const document = `${codeFolderPath(code.hash)}/.dp/pipeline.json`;
  if ((await readSent(runner, document, signal)) === undefined) {
    // Files of the project are of no use there: the runtime only fills in values.
    const files = code.files.filter(({ path }) => path.startsWith(".dp/"));
    await uploadCode(runner, { folder: code.folder, files, owner: root }, signal);
    if (!(await delivery.isRunning())) await removeOldVersions(runner, delivery);
  }
  await shareToken(runner, delivery);
}

async function shareToken(
  runner: Container,
  { airflow, signal }: Pick<RunnerDelivery, "airflow" | "signal">,
): Promise<void> {
  const [own, known] = await Promise.all([
    readSent(runner, runnerTokenPath, signal),
    readSent(airflow, runnerTokenPath, signal),
  ]);
  const token = own ?? randomBytes(32).toString("hex");
  const put = (container: Container, owner: Owner): Promise<void> =>
    upload(container, {
      entries: [{ path: runnerTokenPath, content: token, mode: 0o600 }],
      folders: [],
      owner,
      signal,
    });
  if (own === undefined) await put(runner, root);
  if (known !== token) await put(airflow, airflowUser);
}

/** What is younger may belong to another dp: to a run that it is about to start. */
const leftMinutes = 10;

/** A runner that has not started yet has none. */
async function removeOldVersions(
  runner: Container,
  { code, signal }: Pick<RunnerDelivery, "code" | "signal">,
): Promise<void> {
  const folder = codeFolderPath("");
  const script = `find ${folder} -mindepth 1 -maxdepth 1 -type d -cmin +${leftMinutes} ! -name ${code.hash} -exec rm -rf {} +`;
  const command = ["/bin/sh", "-c", script];
  const removal = { container: runner, command, timeoutMs: removalTimeoutMs, signal };
  await runInContainer(removal).catch(() => {
    signal.throwIfAborted();
  });
}

function noRunner(project: string): DpError {
  return new DpError({
    code: "not-running",
    message: `${project} has no step runner`,
    why: "a step of its pipelines runs in a container, and Airflow does not start containers itself",
    next: "dp up",
  });
}
