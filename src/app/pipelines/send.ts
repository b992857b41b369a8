import type { RenderedDag } from "../../airflow/dag.ts";
import type { EngineClient } from "../../docker/engine/connect.ts";
import { deliverDags, uploadCode, type DagDelivery } from "../../docker/exec/code-archive.ts";
import type { Emit } from "../../model/events.ts";
import { airflowPlaces, airflowUser } from "../../stack/names.ts";
import { needsRunner } from "../../stack/step-container.ts";
import { checkCode, codeFailure, concerns, type CodeProblem } from "./check.ts";
import { readDeployable, readSentState, type SendableStack, type SentState } from "./dag-state.ts";
import type { OwnFile } from "./own-dags.ts";
import { sendToRunner } from "./send-runner.ts";
import { planDags, type DagChange } from "./plan-dags.ts";

export interface SendInput {
  readonly stack: SendableStack;
  readonly client: EngineClient;
  /** Airflow's. */
  readonly container: ReturnType<EngineClient["getContainer"]>;
  /** The one that must be free of mistakes; all when undefined. */
  readonly pipeline?: string;
  /** Whether a run may still use code of another version. */
  readonly isRunning: () => Promise<boolean>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface Sent {
  readonly dags: readonly RenderedDag[];
  readonly own: readonly OwnFile[];
  /** Files of Airflow's folder of DAGs that it has to read (again). */
  readonly changed: readonly string[];
  /** Those of the changed files that were not there before. */
  readonly created: readonly string[];
  /** The container's time when they were put there, epoch milliseconds. */
  readonly at: number;
}

/**
 * Brings Airflow's container to the state of the files: code first, then the DAGs. Does nothing where
 * all is as it was sent before. Throws DpError `invalid-file` for mistakes in the code, before any
 * DAG is changed.
 */
export async function sendPipelines(input: SendInput): Promise<Sent> {
  const { stack, client, container, isRunning, emit, signal } = input;
  const [{ code, own, dags, state }, sent] = await Promise.all([
    readDeployable(stack),
    readSentState(container, signal),
  ]);
  if (needsRunner(stack)) {
    const { name: project } = stack;
    await sendToRunner({ client, project, airflow: container, code, isRunning, signal });
  }
  const changes = planDags(sent, state);
  const isUsed = dags.length > 0 || own.length > 0;
  const isNewCode = sent.code !== code.hash && isUsed && changes.length > 0;
  if (isNewCode) await uploadCode(container, { ...code, owner: airflowUser }, signal);
  const hasNewSteps = isNewCode && dags.length > 0;
  const folder = { container, folder: code.folder, signal };
  const problems = hasNewSteps ? await checkCode(folder) : sent.problems;
  await refuseProblems(input, problems);
  const wanted: SentState = { ...state, code: isUsed ? code.hash : "", problems };
  if (changes.length === 0) return { dags, own, changed: [], created: [], at: 0 };
  for (const text of [...code.notes, ...noteOthers(input, problems)]) {
    emit({ type: "note", level: "warning", text });
  }
  const { write, touch, remove } = deliveryOf(changes, { dags, own });
  const at = await deliverDags({
    container,
    places: airflowPlaces,
    write,
    touch,
    remove,
    sent: JSON.stringify(wanted),
    current: isUsed ? code.hash : undefined,
    keepCode: (await isRunning()) ? undefined : [code.hash],
    signal,
  });
  const changed = [...write.map(({ path }) => path), ...touch];
  const created = changes.flatMap(({ action, file }) => (action === "create" ? (file ?? []) : []));
  return { dags, own, changed, created, at };
}

/** The hand-written files that Airflow reads (again) because of what was sent. */
export function ownToRead({ own, changed }: Sent): readonly OwnFile[] {
  return own.filter((file) => mayHoldDag(file) && changed.includes(file.path));
}

/** Airflow parses only Python files that contain both words ("safe mode" of DAG discovery). */
function mayHoldDag(file: OwnFile): boolean {
  const text = file.content.toString();
  return isPython(file) && /dag/i.test(text) && /airflow/i.test(text);
}

const isPython = ({ path }: OwnFile): boolean => path.endsWith(".py");

/** A change of one file that custom DAGs may import makes Airflow read all of them. */
function deliveryOf(
  changes: readonly DagChange[],
  { dags, own }: Pick<Sent, "dags" | "own">,
): Pick<DagDelivery, "write" | "touch" | "remove"> {
  const isRemoval = ({ action }: DagChange): boolean => action === "remove";
  const written = new Set(changes.filter((one) => !isRemoval(one)).map(({ file }) => file));
  const files = [...dags.map(({ file: path, text: content }) => ({ path, content })), ...own];
  return {
    write: files.filter(({ path }) => written.has(path)),
    touch: changes.some(({ object }) => object !== "pipeline")
      ? own.filter(isPython).map(({ path }) => path)
      : [],
    remove: changes.filter(isRemoval).flatMap(({ file }) => file ?? []),
  };
}

/** Throws for mistakes in the code that is meant. */
async function refuseProblems(
  { stack, pipeline: name }: SendInput,
  problems: readonly CodeProblem[],
): Promise<void> {
  const meant = stack.pipelines.filter((pipeline) => name === undefined || pipeline.name === name);
  const serious = problems.filter((problem) => meant.some((one) => concerns(one, problem)));
  if (serious.length > 0) throw await codeFailure(serious, stack.file);
}

/** A line for each mistake in the code of pipelines that are not meant. */
function noteOthers({ pipeline: name }: SendInput, problems: readonly CodeProblem[]): string[] {
  if (name === undefined) return [];
  return problems.map(({ file, problem }) => {
    const place = problem.at ? `${file}:${problem.at.line}` : file;
    return `another pipeline's code has a mistake: ${place}: ${problem.message}`;
  });
}
