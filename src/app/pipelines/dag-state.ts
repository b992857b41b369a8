import { basename, dirname, relative } from "node:path";
import type { RenderedDag } from "../../airflow/dag.ts";
import { readSent } from "../../docker/exec/code-archive.ts";
import type { EngineClient } from "../../docker/engine/connect.ts";
import { exactJson } from "../../stack/exact-json.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { PipelineStack } from "../../pipeline/document.ts";
import { airflowPlaces } from "../../stack/names.ts";
import type { CodeProblem } from "./check.ts";
import { hashOf, readPipelineCode, renderDags, type PipelineCode } from "./code.ts";
import { readOwnDags, type OwnFile } from "./own-dags.ts";

/** A stack whose pipelines and custom DAGs can be deployed. */
export interface SendableStack extends PipelineStack {
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  readonly airflow: { readonly dags: string | undefined } | undefined;
}

/** What the pipelines and custom DAGs of a stack are made of, in hashes. */
export interface DagState {
  readonly code: string;
  /** File → version, of the DAGs that dp wrote. */
  readonly dags: Readonly<Record<string, string>>;
  /** Path → hash, of the files of custom DAGs. */
  readonly own: Readonly<Record<string, string>>;
  /** What makes up a version; undefined in a container that an older dp deployed to. */
  readonly parts?: DagParts;
}

export interface DagParts {
  /** What dp adds to the code of the project. */
  readonly runtime: string;
  /** Path → hash, of the project's files without pipeline.yaml. */
  readonly files: Readonly<Record<string, string>>;
  /** The folder of custom DAGs in the project; undefined without one. */
  readonly ownFolder?: string | undefined;
  /** Pipeline → hash of its section in pipeline.yaml. */
  readonly pipelines: Readonly<Record<string, string>>;
}

/** What a container keeps of what was deployed to it. */
export interface SentState extends DagState {
  /** What the runtime found wrong in that code. */
  readonly problems: readonly CodeProblem[];
}

export const nothingSent: SentState = { code: "", dags: {}, own: {}, problems: [] };

/** Reads what was deployed to a container, running or not. Throws DpError `engine-failed`. */
export async function readSentState(
  container: ReturnType<EngineClient["getContainer"]>,
  signal: AbortSignal,
): Promise<SentState> {
  const text = await readSent(container, airflowPlaces.sent, signal);
  return text === undefined ? nothingSent : (JSON.parse(text) as SentState);
}

/** All that Airflow gets of a stack. */
export interface Deployable {
  readonly code: PipelineCode;
  readonly dags: readonly RenderedDag[];
  readonly own: readonly OwnFile[];
  readonly state: DagState;
}

/** Reads the files of the project. Throws DpError `invalid-file` for files that can't be deployed. */
export async function readDeployable(stack: SendableStack): Promise<Deployable> {
  const [code, own] = await Promise.all([
    readPipelineCode(stack),
    readOwnDags(stack.airflow?.dags),
  ]);
  const dags = await renderDags(stack, code);
  // Any edit of pipeline.yaml changes it; the hashes of its sections tell more.
  const files = code.project.filter(({ path }) => path !== basename(stack.file));
  const state = {
    code: code.hash,
    dags: Object.fromEntries(dags.map(({ file, version }) => [file, version])),
    own: Object.fromEntries(own.map(({ path, hash }) => [path, hash])),
    parts: {
      runtime: code.runtimeHash,
      files: Object.fromEntries(files.map((file) => [file.path, hashOf([file])])),
      ownFolder: ownFolderOf(stack),
      pipelines: Object.fromEntries(stack.pipelines.map((one) => [one.name, hashOfSection(one)])),
    },
  };
  return { code, dags, own, state };
}

/** With `/`, and empty for the folder of pipeline.yaml itself. */
function ownFolderOf({ file, airflow }: SendableStack): string | undefined {
  const folder = airflow?.dags;
  return folder === undefined ? undefined : relative(dirname(file), folder).replaceAll("\\", "/");
}

function hashOfSection(pipeline: Pipeline): string {
  return hashOf([{ path: pipeline.name, content: exactJson(pipeline) }]);
}
