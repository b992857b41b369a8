import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import { currentCode } from "../../stack/names.ts";
import { createArchive, type ArchiveEntry } from "./archive.ts";
import { toEngineError, statusOf } from "../engine/engine-error.ts";
import { runInContainer } from "./exec.ts";
import { readFirstFile } from "./read-archive.ts";

/** What is staged beside its place, under names that Airflow does not look at. */
const stagedMark = ".dp-new-";
const execTimeoutMs = 60_000;
/** What is younger may belong to another dp: to a run that it is about to start. */
const leftMinutes = 10;

/** The user of a container that files belong to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Puts code into a folder of a container that may be running or stopped. Throws DpError `engine-failed`. */
export async function uploadCode(
  container: Dockerode.Container,
  code: {
    /** Absolute path in the container. */
    readonly folder: string;
    /** Paths relative to the folder, with `/`. */
    readonly files: readonly ArchiveEntry[];
    readonly owner: Owner;
  },
  signal: AbortSignal,
): Promise<void> {
  const { folder: root, files, owner } = code;
  const entries = files.map((file) => ({ ...file, path: `${root}/${file.path}` }));
  const folders = foldersOf(files).map((folder) => `${root}/${folder}`);
  await upload(container, { entries, folders: [root, ...folders], owner, signal });
}

/** All folders that the files lie in, each before those in it. */
function foldersOf(files: readonly ArchiveEntry[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join("/")));
  }
  return [...folders].toSorted();
}

/** What was sent to a container, as it was told then; undefined for a container that got nothing. */
export async function readSent(
  container: Dockerode.Container,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const stream = await container.getArchive({ path, abortSignal: signal });
    return await readFirstFile(stream);
  } catch (thrown) {
    signal.throwIfAborted();
    if (statusOf(thrown) === 404) return undefined;
    throw toEngineError(thrown, "read what was sent to Airflow");
  }
}

/**
 * When files were sent to a container last, in its own time, epoch milliseconds; undefined for a container
 * that got nothing. Throws DpError `engine-failed`.
 */
export async function readSentTime(
  container: Dockerode.Container,
  path: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const response = (await container.infoArchive({
      path,
      abortSignal: signal,
    })) as IncomingMessage;
    response.resume();
    return readModified(response.headers["x-docker-container-path-stat"]);
  } catch (thrown) {
    signal.throwIfAborted();
    if (statusOf(thrown) === 404) return undefined;
    throw toEngineError(thrown, "read when files were sent to Airflow");
  }
}

/** The header is JSON in base64: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerArchiveInfo */
function readModified(header: string | string[] | undefined): number | undefined {
  const text = Buffer.from(String(header ?? ""), "base64").toString();
  if (text === "") return undefined;
  const { mtime } = JSON.parse(text) as { readonly mtime?: string };
  const time = Date.parse(mtime ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** Absolute paths in the container. */
export interface DagPlaces {
  /** Airflow's folder of DAGs. */
  readonly dags: string;
  /** The folder with a folder for the code of each version. */
  readonly code: string;
  /** The file that remembers what was sent. */
  readonly sent: string;
  readonly owner: Owner;
}

export interface DagDelivery {
  readonly container: Dockerode.Container;
  readonly places: DagPlaces;
  /** Paths relative to Airflow's folder of DAGs. */
  readonly write: readonly ArchiveEntry[];
  /**
   * Files that look as if they changed in two seconds, so that Airflow reads them until then: it
   * leaves alone what did not change after its last reading ended, and one may be under way.
   */
  readonly touch: readonly string[];
  readonly remove: readonly string[];
  /** What is remembered in the container, for `readSent`. */
  readonly sent: string;
  /** The hash of the code that custom DAGs import; undefined leaves it as it is. */
  readonly current: string | undefined;
  /** Hashes of the code folders that stay whatever their age; undefined removes none. */
  readonly keepCode: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * Puts DAGs in place, each at once: a reader sees the old file or the new one, never half. Returns the
 * container's time after that, in epoch milliseconds. Throws DpError `engine-failed`.
 */
export async function deliverDags(delivery: DagDelivery): Promise<number> {
  const { container, places, write, touch, remove, sent, current, keepCode, signal } = delivery;
  const { dags, owner } = places;
  // Another dp may send at the same time: the names differ.
  const suffix = `${stagedMark}${randomBytes(4).toString("hex")}`;
  const staged = write.map((file) => ({ ...file, path: `${dags}/${file.path}${suffix}` }));
  const entries = [...staged, { path: `${places.sent}${suffix}`, content: sent }];
  const folders = foldersOf(write).map((folder) => `${dags}/${folder}`);
  await upload(container, { entries, folders, owner, signal });
  const script = deliveryScript(places, { suffix, current, keepCode });
  const names = [
    ...write.map(({ path }) => `w${path}`),
    ...touch.map((path) => `t${path}`),
    ...remove.map((path) => `r${path}`),
  ];
  const command = ["/bin/sh", "-c", script, "sh", ...names];
  const { exitCode, stdout, stderr } = await runInContainer({
    container,
    command,
    timeoutMs: execTimeoutMs,
    signal,
  });
  const time = Number.parseInt(stdout, 10);
  if (exitCode === 0 && !Number.isNaN(time)) return time;
  throw new DpError({
    code: "engine-failed",
    message: "could not put the DAGs into Airflow's container",
    why: stderr.trim() || `exit code ${exitCode}`,
    next: "dp up --recreate airflow",
  });
}

/** Python takes compiled code for current when second and size fit: a version has the size of the last. */
const forgetBytecode = "find . -name '*.pyc' -delete";

/**
 * Arguments are a letter (write, touch, remove) and a path; prints the time when all are in place, in
 * milliseconds.
 */
function deliveryScript(
  { dags, code, sent }: DagPlaces,
  {
    suffix,
    current,
    keepCode,
  }: { readonly suffix: string } & Pick<DagDelivery, "current" | "keepCode">,
): string {
  const kept = (keepCode ?? []).map((hash) => `! -name ${hash}`).join(" ");
  const removal = `find ${code} -mindepth 1 -maxdepth 1 -type d -cmin +${leftMinutes} ${kept} -exec rm -rf {} +`;
  const link = `${code}/${currentCode}`;
  // Python looks at a folder again when its time has changed, and all are uploaded with the same one.
  const linking = `touch ${code}/${current}
ln -s ${current} ${link}${suffix}
mv -fT ${link}${suffix} ${link}`;
  return `set -e
${current === undefined ? "" : linking}
cd ${dags}
${forgetBytecode}
for name; do
  path=\${name#?}
  case $name in
    w*) touch -c "$path${suffix}"; mv -f "$path${suffix}" "$path" ;;
    t*) touch -c -d '+2 seconds' "$path" ;;
    r*) rm -f "$path" ;;
  esac
done
date +%s%3N
${forgetBytecode}
touch -c ${sent}${suffix}
mv -f ${sent}${suffix} ${sent}
find ${dags} -name '*${stagedMark}*' -cmin +${leftMinutes} -delete
${keepCode === undefined ? "" : removal}`;
}

/** Puts files and folders into a container. Throws DpError `engine-failed`. */
export async function upload(
  container: Dockerode.Container,
  archive: {
    readonly entries: readonly ArchiveEntry[];
    readonly folders: readonly string[];
    readonly owner: Owner;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { entries, folders, owner, signal } = archive;
  const tar = await createArchive({ entries, folders, ...owner });
  try {
    await container.putArchive(tar, { path: "/", abortSignal: signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw toEngineError(thrown, "send the code to the container");
  }
}
