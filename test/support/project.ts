import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { removeServiceBuilds } from "../../src/docker/images/service-build.ts";
import { openEngine } from "./engine.ts";
import { takeSnapshot, type Snapshot } from "./leaks.ts";
import { runDp, startDp, type DpResult, type DpRun, type RunningDp } from "./run-dp.ts";

type RunOptions = Omit<DpRun, "args" | "cwd"> & { readonly cwd?: string };

/** A folder with a pipeline.yaml whose stack has a name of its own. */
export interface Project extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  /** Absolute path of its pipeline.yaml. */
  readonly file: string;
  /** Replaces the pipeline.yaml; `name:` is put before the text. */
  configure(yaml: string): Promise<void>;
  /** The text of a file of the folder. */
  read(path: string): Promise<string>;
  /** Writes another file of the folder. */
  write(path: string, content: string): Promise<void>;
  dp(args: readonly string[], options?: RunOptions): Promise<DpResult>;
  start(args: readonly string[], options?: RunOptions): RunningDp;
  /** As `dp`, and expects exit code 0. */
  succeed(args: readonly string[], options?: RunOptions): Promise<DpResult>;
  snapshot(): Promise<Snapshot>;
}

const nothing: Snapshot = { containers: [], networks: [], volumes: [], locks: [], processes: [] };

/**
 * A project in a temporary folder. When it is disposed of its stack is removed with its data, and
 * nothing may be left of it: no container, network, volume, lock file or process.
 */
export async function createProject(yaml: string): Promise<Project> {
  const name = `scn-${randomBytes(4).toString("hex")}`;
  const folder = await realpath(await mkdtemp(join(tmpdir(), `${name}-`)));
  const project: Project = {
    name,
    folder,
    file: join(folder, "pipeline.yaml"),
    configure: (text) => writeFile(project.file, `name: ${name}\n${text}`),
    read: (path) => readFile(join(folder, path), "utf8"),
    write: async (path, content) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    },
    dp: (args, options = {}) => runDp({ args, cwd: folder, ...options }),
    start: (args, options = {}) => startDp({ args, cwd: folder, ...options }),
    succeed: async (args, options) => {
      const result = await project.dp(args, options);
      if (result.code !== 0) {
        throw new Error(
          `dp ${args.join(" ")}: exit ${result.code}\n${result.stdout}\n${result.stderr}`,
        );
      }
      return result;
    },
    snapshot: () => takeSnapshot(name),
    [Symbol.asyncDispose]: async () => {
      const used = !isDeepStrictEqual(await takeSnapshot(name), nothing);
      const removal = ["down", "--volumes", "--project", name];
      const removed = used ? await runDp({ args: removal, cwd: folder }) : undefined;
      // Images of services outlive their stack: the next one would build them again.
      if (used) await removeImages(name);
      const left = await takeSnapshot(name);
      await rm(folder, { recursive: true, force: true });
      expect(left, removed?.stderr).toEqual(nothing);
    },
  };
  await project.configure(yaml);
  return project;
}

async function removeImages(project: string): Promise<void> {
  const engine = await openEngine();
  const { signal } = new AbortController();
  await removeServiceBuilds({ engine, project, keep: new Set(), signal });
}
