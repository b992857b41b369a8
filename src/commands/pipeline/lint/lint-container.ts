import { readFile } from "node:fs/promises";
import { templatePath } from "../../../assets.ts";
import type { EngineClient } from "../../../docker/engine/connect.ts";
import type { ArchiveEntry } from "../../../docker/exec/archive.ts";
import { upload, uploadCode } from "../../../docker/exec/code-archive.ts";
import { runInContainer } from "../../../docker/exec/exec.ts";
import { startRunContainer, type RunContainer } from "../../../docker/stack/run-container.ts";
import type { StackLabels } from "../../../docker/stack/labels.ts";
import { DpError } from "../../../errors.ts";
import type { ConfigFile } from "../../../model/containers.ts";
import { airflowUser, codeFolderPath, currentCode, dagsFolder } from "../../../stack/names.ts";
import {
  toFileImport,
  type FileImport,
  type RawFinding,
  type RawImport,
  type TextFile,
} from "./findings.ts";

/** What lint_dags.py prints. */
export interface LintOutput {
  readonly before: readonly RawFinding[];
  /** In the fixed files. */
  readonly after: readonly RawFinding[];
  readonly changes: readonly {
    readonly file: string;
    /** Base64. */
    readonly content: string;
    /** Unified, with `\n` at the end of each line. */
    readonly diff: string;
  }[];
}

export interface LintContainer {
  /** Lints the files, of which some have new texts already, and fixes copies of them. */
  lint(input: {
    readonly prepared: readonly TextFile[];
    readonly unsafe: boolean;
  }): Promise<LintOutput>;
  /** Imports the DAGs of the files as they are, or as `lint` fixed them. */
  importDags(which: "original" | "fixed"): Promise<FileImport[]>;
  remove(): Promise<void>;
}

export interface LintContainerInput {
  readonly client: EngineClient;
  readonly labels: StackLabels;
  readonly imageId: string;
  /** The folder of DAGs. */
  readonly files: readonly (TextFile & { readonly mode: number })[];
  /** The files of the project, whose modules the DAGs can import. */
  readonly project: readonly ArchiveEntry[];
  /** The connections and variables of Airflow, with absolute paths. */
  readonly secrets: readonly ConfigFile[];
  /** What the DAGs find in Airflow's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const folder = "/tmp/dp-lint";
const scripts = ["lint_dags.py", "import_dags.py"] as const;
const lintTimeoutMs = 120_000;
/** A file may take up to 30 s, the `dagbag_import_timeout` of Airflow. */
const importTimeoutMs = 1_800_000;

/**
 * Starts a container of Airflow's image without a network, with a copy of the DAGs: nothing in it can change
 * the project. Throws DpError `engine-failed`.
 */
export async function startLintContainer(input: LintContainerInput): Promise<LintContainer> {
  const { client, labels, imageId, files, project, secrets, environment, signal } = input;
  const started = await startRunContainer({
    client,
    labels,
    id: `lint-${process.pid}`,
    imageId,
    network: "none",
  });
  try {
    const programs = await Promise.all(
      scripts.map(async (path) => ({
        path,
        content: await readFile(templatePath(`airflow/${path}`)),
      })),
    );
    const { container } = started;
    await uploadCode(container, { folder, files: programs, owner: airflowUser }, signal);
    await uploadCode(container, { folder: dagsFolder, files, owner: airflowUser }, signal);
    const code = { folder: codeFolderPath(currentCode), files: project, owner: airflowUser };
    await uploadCode(container, code, signal);
    await upload(container, { entries: secrets, folders: [], owner: airflowUser, signal });
  } catch (thrown) {
    await started.remove().catch(() => {});
    throw thrown;
  }
  const run = (command: string, timeoutMs: number): Promise<string> =>
    runScript({ started, command, environment, timeoutMs, signal });
  return {
    lint: async ({ prepared, unsafe }) => {
      const code = { folder: `${folder}/prepared`, files: prepared, owner: airflowUser };
      await uploadCode(started.container, code, signal);
      const copy = `cp -r ${dagsFolder} new && cp -r prepared/. new`;
      const flags = unsafe ? " --unsafe" : "";
      const command = `${copy} && exec python lint_dags.py ${dagsFolder} new${flags}`;
      return JSON.parse(await run(command, lintTimeoutMs)) as LintOutput;
    },
    importDags: async (which) => {
      const copy = which === "fixed" ? `cp -r new/. ${dagsFolder} && ` : "";
      const text = await run(`${copy}exec python import_dags.py ${dagsFolder}`, importTimeoutMs);
      const lines = text.split("\n").filter((line) => line.startsWith("{"));
      return lines.map((line) => toFileImport(JSON.parse(line) as RawImport));
    },
    remove: () => started.remove(),
  };
}

async function runScript(input: {
  readonly started: RunContainer;
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { started, command, environment, timeoutMs, signal } = input;
  const { exitCode, stdout, stderr } = await runInContainer({
    container: started.container,
    command: ["/bin/sh", "-c", `cd ${folder} && ${command}`],
    environment,
    timeoutMs,
    signal,
  });
  if (exitCode === 0) return stdout;
  const lines = stderr.trim().split("\n");
  throw new DpError({
    code: "engine-failed",
    message: "the DAGs could not be checked in the image of Airflow",
    why: `${lines.at(-1) || "no output"} (exit code ${exitCode})`,
    evidence: lines.slice(-10),
    next: "dp images build",
  });
}
