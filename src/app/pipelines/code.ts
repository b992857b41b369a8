import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderDag, type RenderedDag } from "../../airflow/dag.ts";
import { templatePath } from "../../assets.ts";
import type { ArchiveEntry } from "../../docker/exec/archive.ts";
import { pipelineDocument, type PipelineStack } from "../../pipeline/document.ts";
import { exactJson } from "../../stack/exact-json.ts";
import { codeFolderPath } from "../../stack/names.ts";
import { readProjectFiles } from "./files.ts";

/** The pipelines of a file with all that they need, as one version. */
export interface PipelineCode {
  /** 16 hex characters. */
  readonly hash: string;
  /** Absolute path in a container. */
  readonly folder: string;
  /** Paths relative to the folder, with `/`. */
  readonly files: readonly ArchiveEntry[];
  /** Those of the files that belong to the project. */
  readonly project: readonly ArchiveEntry[];
  /** Stands for what dp adds: the runtime and the template of DAGs. */
  readonly runtimeHash: string;
  readonly notes: readonly string[];
}

/** Files of the user's, the runtime and pipeline.json; the hash stands for all of it. */
export async function readPipelineCode(
  stack: PipelineStack & { readonly file: string },
): Promise<PipelineCode> {
  const [project, runtime, template] = await Promise.all([
    readProjectFiles(dirname(stack.file)),
    readRuntime(),
    readDagTemplate(),
  ]);
  const document = exactJson(pipelineDocument(stack), "  ");
  const files = [...project.files, ...runtime, { path: ".dp/pipeline.json", content: document }];
  const hash = hashOf(files);
  return {
    hash,
    files,
    folder: codeFolderPath(hash),
    project: project.files,
    runtimeHash: hashOf([...runtime, { path: "dag.py", content: template }]),
    notes: project.notes,
  };
}

/** The DAGs of all pipelines, with this code. */
export async function renderDags(
  stack: PipelineStack,
  { folder }: Pick<PipelineCode, "folder">,
): Promise<RenderedDag[]> {
  const template = await readDagTemplate();
  return stack.pipelines.map((pipeline) => renderDag({ template, pipeline, codeFolder: folder }));
}

function readDagTemplate(): Promise<string> {
  return readFile(templatePath("dag.py"), "utf8");
}

async function readRuntime(): Promise<ArchiveEntry[]> {
  const root = templatePath("runtime/dp_runtime");
  const names = await readdir(root, { recursive: true });
  const sources = names.filter((name) => name.endsWith(".py")).toSorted();
  return Promise.all(
    sources.map(async (name) => ({
      path: `.dp/dp_runtime/${name.replaceAll("\\", "/")}`,
      content: await readFile(join(root, name)),
    })),
  );
}

/** 16 hex characters for the paths, the contents and what may be executed. */
export function hashOf(files: readonly ArchiveEntry[]): string {
  const hash = createHash("sha256");
  for (const { path, content, mode = 0o644 } of files) {
    hash.update(`${path}\0${mode}\0${Buffer.byteLength(content)}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}
