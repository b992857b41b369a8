import { dirname } from "node:path";
import { stepImageNeed } from "../../../docker/images/image-needs.ts";
import { runStep } from "../../../docker/engine/step.ts";
import { removeRuns } from "../../../docker/stack/left-runs.ts";
import { stackLabels } from "../../../docker/stack/stack-labels.ts";
import { DpError, messageOf } from "../../../errors.ts";
import { ensureNeed } from "../../../app/images/images.ts";
import { readProjectFiles } from "../../../app/pipelines/files.ts";
import { readOwnDags, type OwnFile } from "../../../app/pipelines/own-dags.ts";
import type { PipelineTarget } from "../../../app/pipelines/target.ts";
import type { Host } from "../../../app/request.ts";
import type { Report } from "../../../report/choose.ts";
import { dagEnvironment } from "../../../stack/services/airflow.ts";
import { secretFiles } from "../../../stack/services/airflow-secrets.ts";
import { findTargets, readGitState } from "./backups.ts";
import {
  findVariables,
  fixVariables,
  mergeFindings,
  type FileImport,
  type Finding,
  type TextFile,
} from "./findings.ts";
import { startLintContainer, type LintContainer } from "./lint-container.ts";
import type { Change } from "./render.ts";
import { writeChanges, type Rewrite, type Written } from "./write-changes.ts";

export interface LintRequest extends PipelineTarget {
  readonly host: Host;
  readonly unsafe: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The linted folder, while its container runs. */
export interface Lint {
  /** Absolute path of the folder of DAGs. */
  readonly folder: string;
  readonly before: readonly Finding[];
  /** What is left in the fixed files. */
  readonly after: readonly Finding[];
  readonly changes: readonly Change[];
  /** What is going to be written, with the kind of its backup. */
  readonly rewrites: readonly Rewrite[];
  /** Writes the fixes. Throws DpError `changed-meanwhile` and `io-failed`. */
  write(): Promise<Written[]>;
  /** Imports the files as they are, or as they are with the fixes. */
  importDags(which: "original" | "fixed"): Promise<FileImport[]>;
}

/**
 * Lints the folder of custom DAGs in a container of Airflow's image, which ends when `work` has. Throws
 * DpError `usage` without such a folder.
 */
export async function withLint<T>(
  request: LintRequest,
  work: (lint: Lint) => Promise<T>,
): Promise<T> {
  const { stack, unsafe, report, signal } = request;
  const { airflow } = stack;
  if (airflow?.dags === undefined) throw noFolder();
  const files = await readOwnDags(airflow.dags);
  const container = await startContainer(request, { airflow, files });
  try {
    const prepared = fixVariables(files, unsafe);
    const output = await runStep({
      emit: report.emit,
      action: "lint",
      target: "DAGs",
      work: () => container.lint({ prepared, unsafe }),
    });
    const contents = new Map(
      output.changes.map(({ file, content }) => [file, Buffer.from(content, "base64")] as const),
    );
    const fixed = files.map(({ path, content }) => ({
      path,
      content: contents.get(path) ?? content,
    }));
    const rewrites = await planRewrites(airflow.dags, { files, contents, signal });
    return await work({
      folder: airflow.dags,
      before: mergeFindings(output.before, findVariables(files)),
      after: mergeFindings(output.after, findVariables(fixed)),
      changes: output.changes.map(({ file, diff }) => ({ file, diff })),
      rewrites,
      write: () => writeChanges(rewrites),
      importDags: (which) =>
        runStep({
          emit: report.emit,
          action: "import",
          target: "DAGs",
          work: () => container.importDags(which),
        }),
    });
  } finally {
    await container.remove().catch((thrown: unknown) => {
      report.emit({ type: "note", level: "warning", text: messageOf(thrown) });
    });
  }
}

async function startContainer(
  { host, stack, found, withPlace, report, signal }: LintRequest,
  {
    airflow,
    files,
  }: {
    readonly airflow: NonNullable<LintRequest["stack"]["airflow"]>;
    readonly files: readonly OwnFile[];
  },
): Promise<LintContainer> {
  const { engine } = found;
  const { emit } = report;
  const options = { engine, settings: stack.images, emit, signal, env: host.env };
  const [image, client, project] = await Promise.all([
    ensureNeed(stepImageNeed(stack), options).catch((thrown: unknown) => {
      throw withPlace(thrown);
    }),
    engine.client(),
    readProjectFiles(dirname(stack.file)),
    removeRuns({ engine, project: stack.name, which: "left", signal }),
  ]);
  return startLintContainer({
    client,
    labels: stackLabels(stack),
    imageId: image.id,
    files,
    project: project.files,
    secrets: secretFiles(stack),
    environment: dagEnvironment({ ...stack, airflow }),
    signal,
  });
}

async function planRewrites(
  folder: string,
  changed: {
    readonly files: readonly TextFile[];
    readonly contents: ReadonlyMap<string, Buffer>;
    readonly signal: AbortSignal;
  },
): Promise<Rewrite[]> {
  const { files, contents, signal } = changed;
  if (contents.size === 0) return [];
  const git = await readGitState(folder, signal);
  const targets = await findTargets(folder, [...contents.keys()], git);
  return targets.flatMap((target) => {
    const before = files.find(({ path }) => path === target.file)?.content;
    const after = contents.get(target.file);
    return before && after ? [{ ...target, before, after }] : [];
  });
}

function noFolder(): DpError {
  return new DpError({
    code: "usage",
    message: "the stack has no custom DAGs",
    why: "pipeline.yaml does not set `airflow.dags`",
    next: "set `airflow: { dags: dags }` in pipeline.yaml, or use --set airflow.dags=FOLDER",
  });
}
