import { createHash } from "node:crypto";
import type { Pipeline } from "../model/pipelines.ts";

/** A pipeline as Airflow gets it. */
export interface RenderedDag {
  readonly pipeline: string;
  /** Name of the file in Airflow's folder of DAGs. */
  readonly file: string;
  /** 16 hex characters that stand for the text and the code; the DAG bears the tag `dp:<version>`. */
  readonly version: string;
  readonly text: string;
}

const placeholder = "@PIPELINE@";
const filePrefix = "dp_";

/** Every DAG that dp writes has this tag, and another one that names its version. */
export const dpTag = "dp";

/** The tag that names a version. */
export function versionTag(version: string): string {
  return `${dpTag}:${version}`;
}

/** The pipeline whose DAG a file of Airflow's folder holds; undefined when dp did not write it. */
export function pipelineOfFile(file: string): string | undefined {
  return /^dp_([a-z][a-z0-9_]*)\.py$/.exec(file)?.[1];
}

/**
 * The DAG of a pipeline: always the same text for the same pipeline and code.
 * `template` is the text of templates/dag.py, `codeFolder` where the code lies in the container.
 */
export function renderDag(input: {
  readonly template: string;
  readonly pipeline: Pipeline;
  readonly codeFolder: string;
}): RenderedDag {
  const { template, pipeline, codeFolder } = input;
  const values = dagValues(pipeline, codeFolder);
  const version = hashOf(template, JSON.stringify(values));
  const literal = toRawLiteral({ ...values, version });
  return {
    pipeline: pipeline.name,
    file: `${filePrefix}${pipeline.name}.py`,
    version,
    text: template.replace(placeholder, () => literal),
  };
}

/** Durations are in seconds, as Python's timedelta takes them. */
function dagValues(pipeline: Pipeline, codeFolder: string) {
  return {
    name: pipeline.name,
    description: pipeline.description ?? null,
    tags: pipeline.tags,
    folder: codeFolder,
    schedule: pipeline.schedule ?? null,
    timezone: pipeline.timezone,
    timeout: toSeconds(pipeline.timeoutMs),
    maxActiveRuns: pipeline.maxActiveRuns,
    steps: pipeline.steps.map((step) => ({
      id: step.id,
      needs: step.needs,
      retries: step.retries,
      retryDelay: toSeconds(step.retryDelayMs),
      timeout: toSeconds(step.timeoutMs),
    })),
  };
}

function toSeconds(durationMs: number | undefined): number | null {
  return durationMs === undefined ? null : durationMs / 1000;
}

/**
 * JSON that can stand in a raw Python string between three double quotes: three in a row only come
 * from an empty text beside another quote, which JSON never has; a backslash stays as it is.
 */
function toRawLiteral(values: object): string {
  return JSON.stringify(values, null, 2).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function hashOf(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 16);
}
