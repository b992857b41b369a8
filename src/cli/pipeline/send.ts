import type { RenderedDag } from "../../airflow/dag.ts";
import type { EngineClient } from "../../docker/connect.ts";
import { deliverDags, readSent, uploadCode } from "../../docker/code-archive.ts";
import type { PipelineStack } from "../../pipeline/document.ts";
import type { Emit } from "../../report/event.ts";
import { checkCode, codeFailure, concerns, type CodeProblem } from "./check.ts";
import { readPipelineCode, renderDags, type PipelineCode } from "./code.ts";
import { readOwnDags, type OwnFile } from "./own-dags.ts";

/** A stack whose pipelines and hand-written DAGs can be sent. */
export interface SendableStack extends PipelineStack {
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  readonly airflow: { readonly dags: string | undefined } | undefined;
}

export interface SendInput {
  readonly stack: SendableStack;
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
  /** The container's time when they were put there, epoch milliseconds. */
  readonly at: number;
}

/** What a container remembers of what it was sent. */
interface Memory {
  readonly code: string;
  /** File → version, of the DAGs that dp wrote. */
  readonly dags: Readonly<Record<string, string>>;
  /** Path → hash, of the files written by hand. */
  readonly own: Readonly<Record<string, string>>;
  /** What the runtime found wrong in that code. */
  readonly problems: readonly CodeProblem[];
}

const nothing: Memory = { code: "", dags: {}, own: {}, problems: [] };

/**
 * Brings Airflow's container to the state of the files: code first, then the DAGs. Does nothing where
 * all is as it was sent before. Throws DpError `invalid-file` for mistakes in the code, before any
 * DAG is changed.
 */
export async function sendPipelines(input: SendInput): Promise<Sent> {
  const { stack, container, emit, signal } = input;
  const [code, own, memory] = await Promise.all([
    readPipelineCode(stack),
    readOwnDags(stack.airflow?.dags),
    readMemory(container, signal),
  ]);
  const dags = await renderDags(stack, code);
  const isNewCode = memory.code !== code.hash && dags.length > 0;
  const problems = isNewCode ? await sendCode(input, code) : memory.problems;
  await refuseProblems(input, problems);
  const wanted = { ...memoryOf({ code, dags, own }), problems };
  const changes = changesOf(memory, { wanted, dags, own });
  if (!changes.any) return { dags, own, changed: [], at: 0 };
  for (const text of [...code.notes, ...noteOthers(input, problems)]) {
    emit({ type: "note", level: "warning", text });
  }
  const at = await deliverDags({
    container,
    ...changes,
    sent: JSON.stringify(wanted),
    keepCode: (await input.isRunning()) ? undefined : [code.hash],
    signal,
  });
  const changed = [...changes.write.map(({ path }) => path), ...changes.touch];
  return { dags, own, changed, at };
}

/** The hand-written files that Airflow reads (again) because of what was sent. */
export function ownToRead({ own, changed }: Sent): readonly OwnFile[] {
  return own.filter((file) => isPython(file) && changed.includes(file.path));
}

const isPython = ({ path }: OwnFile): boolean => path.endsWith(".py");

async function readMemory(container: SendInput["container"], signal: AbortSignal): Promise<Memory> {
  const text = await readSent(container, signal);
  return text === undefined ? nothing : (JSON.parse(text) as Memory);
}

function memoryOf(sent: {
  readonly code: PipelineCode;
  readonly dags: readonly RenderedDag[];
  readonly own: readonly OwnFile[];
}): Omit<Memory, "problems"> {
  return {
    code: sent.code.hash,
    dags: Object.fromEntries(sent.dags.map(({ file, version }) => [file, version])),
    own: Object.fromEntries(sent.own.map(({ path, hash }) => [path, hash])),
  };
}

/** What differs; a change of one hand-written file makes Airflow read all of them, as they may import it. */
function changesOf(
  memory: Memory,
  now: {
    readonly wanted: Omit<Memory, "problems">;
    readonly dags: readonly RenderedDag[];
    readonly own: readonly OwnFile[];
  },
) {
  const { wanted, dags, own } = now;
  const newDags = dags
    .filter(({ file, version }) => memory.dags[file] !== version)
    .map(({ file: path, text: content }) => ({ path, content }));
  const newOwn = own.filter(({ path, hash }) => memory.own[path] !== hash);
  const gone = (kind: "dags" | "own"): string[] =>
    Object.keys(memory[kind]).filter((path) => !(path in wanted[kind]));
  const goneOwn = gone("own");
  const isOwnChanged = newOwn.length > 0 || goneOwn.length > 0;
  const write = [...newDags, ...newOwn];
  const remove = [...gone("dags"), ...goneOwn];
  return {
    any: write.length > 0 || remove.length > 0,
    write,
    touch: isOwnChanged ? own.filter(isPython).map(({ path }) => path) : [],
    remove,
  };
}

async function sendCode(
  { container, signal }: SendInput,
  code: PipelineCode,
): Promise<CodeProblem[]> {
  await uploadCode(container, code, signal);
  return checkCode({ container, folder: code.folder, signal });
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
