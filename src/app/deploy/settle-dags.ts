import type { ImportError } from "../../airflow/dags.ts";
import {
  createReadCheck,
  hasVersion,
  type Pickup,
  type WantedVersion,
} from "../../airflow/versions.ts";
import { ownToRead, type Sent } from "../pipelines/send.ts";

/** What Airflow has to read before its import errors are those of the deployed files. */
export interface Awaited {
  /** The DAGs of pipelines. */
  readonly wanted: readonly WantedVersion[];
  /** The files of custom DAGs. */
  readonly toRead: readonly AwaitedFile[];
  /** When they were deployed, in the container's time, epoch milliseconds. */
  readonly at: number;
}

export interface AwaitedFile {
  readonly path: string;
  /** A file that was not there before has no earlier version that Airflow could be reading. */
  readonly isNew: boolean;
  /** Whether it defines a DAG, by its text. */
  readonly hasDag: boolean;
}

export interface UnreadFile {
  readonly path: string;
  /** Whether Airflow will report that it read the file, which it never does for a file without a DAG. */
  readonly isExpected: boolean;
}

/** What to wait for after a deployment. */
export function awaitedOf(sent: Sent): Awaited {
  // A file that matches a pattern of .airflowignore is never read.
  const mayIgnore = sent.own.some(({ path }) => /(^|\/)\.airflowignore$/.test(path));
  return {
    wanted: sent.dags.map(({ pipeline: id, version, file }) => ({ id, version, file })),
    toRead: ownToRead(sent).flatMap(({ path, content }) => {
      const text = content.toString();
      if (!mayDefineDag(text)) return [];
      return [{ path, isNew: sent.created.includes(path), hasDag: !mayIgnore && definesDag(text) }];
    }),
    at: sent.at,
  };
}

/** Most files that contain one of these words define a DAG. */
function mayDefineDag(text: string): boolean {
  return /\bDAG\b|@dag\b/.test(text);
}

/** Whether the top level has `with DAG(…)`, `daily = DAG(…)`, or a call of an `@dag` function. */
export function definesDag(text: string): boolean {
  if (/^(?:with\s+|\w+\s*=\s*)(?:\w+\.)?DAG\(/m.test(text)) return true;
  const decorated = [...text.matchAll(/^@(?:\w+\.)?dag\b[^]*?^def\s+(\w+)/gm)];
  return decorated.some(([, name]) =>
    new RegExp(`^(?:[\\w.]+\\s*=\\s*)?${name}\\(`, "m").test(text),
  );
}

/** A state of Airflow, compared with what was deployed. */
export interface Settling {
  /** Whether all pipelines have their versions. */
  readonly hasVersions: boolean;
  /** Custom files that Airflow may not have read since they were deployed. */
  readonly unread: readonly UnreadFile[];
}

/** Returns the comparison of each observed state; earlier states count for later ones. */
export function createSettling({ wanted, toRead, at }: Awaited): (now: Pickup) => Settling {
  const isRead = createReadCheck(at);
  return (now) => ({
    hasVersions: wanted.every((dag) => hasVersion(now.dags, dag)),
    unread: toRead.flatMap(({ path, isNew, hasDag }) => {
      // Every file is asked for at each look.
      const isReadAgain = isRead(now, path);
      if (isReadAgain || (isNew && isLoaded(now, { path, at }))) return [];
      return [{ path, isExpected: hasDag || isKnown(now, path) }];
    }),
  });
}

/** Whether Airflow has a DAG or an error of a file, so that it reports the next reading, too. */
function isKnown({ dags, errors }: Pickup, path: string): boolean {
  return (
    dags.some(({ file, stale }) => file === path && !stale) ||
    errors.some(({ file }) => file === path)
  );
}

/** An error is not enough: a module of the same deployment may have been missing at the first reading. */
function isLoaded({ dags, errors }: Pickup, { path, at }: { path: string; at: number }): boolean {
  return (
    dags.some(({ file, stale, parsedAt }) => file === path && !stale && parsedAt >= at) &&
    !errors.some(({ file }) => file === path)
  );
}

/** The import errors without those of deployed files that Airflow has not read since. */
export function currentErrors(
  { errors }: Pickup,
  { toRead, at }: Awaited,
  unread: readonly UnreadFile[],
): readonly ImportError[] {
  const isOutdated = ({ file, at: storedAt }: ImportError): boolean =>
    unread.some(({ path }) => path === file) ||
    (storedAt < at && toRead.some(({ path }) => path === file));
  return errors.filter((error) => !isOutdated(error));
}
