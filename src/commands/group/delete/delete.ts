import { DpError, messageOf, type ErrorCode } from "../../../errors.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { deleteGroup, deleteOffsets } from "../../../kafka/groups/delete.ts";
import { describeGroups, isActive, refuseActive } from "../../../kafka/groups/describe.ts";
import { findGroupsOrFail, listGroups } from "../../../kafka/groups/list.ts";
import { describeTopicsOrFail } from "../../../kafka/read/log-ranges.ts";
import type { Report } from "../../../report/choose.ts";
import { formatCount } from "../../../report/format.ts";
import { exitCodes, type ExitCode } from "../../../cli/exit-codes.ts";

interface Chosen {
  readonly names: readonly string[];
  /** Empty: the groups as a whole. */
  readonly topics: readonly string[];
}

/**
 * Throws DpError before anything is deleted: `unknown-group` and `unknown-topic` with the nearest name,
 * `refused` for the first group that has members; their offsets of a topic that they don't read may go.
 */
export async function refuseActiveGroups(
  cluster: Cluster,
  { names, topics }: Chosen,
): Promise<void> {
  const found = findGroupsOrFail(await listGroups(cluster), names);
  if (topics.length > 0) await describeTopicsOrFail(cluster, topics);
  for (const details of await describeGroups(cluster, found)) {
    const reads = details.members?.some(({ partitions }) =>
      partitions.some(({ topic }) => topics.includes(topic)),
    );
    const isWhole = topics.length === 0;
    if (isWhole && isActive(details)) throw refuseActive(details, "it can't be deleted");
    if (reads === true) throw refuseActive(details, "it reads what would be deleted");
  }
}

interface Deleted {
  readonly group: string;
  /** How many partitions lost their offset; undefined for a whole group. */
  readonly partitions: number | undefined;
  readonly error: DpError | undefined;
}

/** Deletes one after another, also when one fails: exit 1 then. */
export async function deleteGroups(
  wanted: Chosen & { readonly cluster: Cluster; readonly report: Report },
): Promise<ExitCode> {
  const { cluster, names, topics, report } = wanted;
  const results: Deleted[] = [];
  for (const group of names) {
    const result = { group, partitions: undefined, error: undefined };
    try {
      if (topics.length === 0) await deleteGroup(cluster, group);
      const partitions =
        topics.length === 0 ? undefined : await deleteOffsets(cluster, { group, topics });
      results.push({ ...result, partitions });
    } catch (thrown) {
      if (!(thrown instanceof DpError)) throw thrown;
      results.push({ ...result, error: thrown });
    }
  }
  const done = results.filter(({ error }) => error === undefined);
  const failed = results.flatMap(({ group, error }) =>
    error === undefined ? [] : [{ group, error: describeFailure(error) }],
  );
  const deleted = done.map(({ group, partitions = null }) => ({ group, partitions }));
  report.result({ deleted, failed }, ({ style }) =>
    [
      ...done.map(({ group, partitions }) =>
        partitions === undefined
          ? `deleted group ${group}\n`
          : `deleted ${formatCount(partitions, "offset")} of group ${group}\n`,
      ),
      ...failed.map(({ error }) => `${style.red("✖")} ${error.message}; ${error.why ?? ""}\n`),
    ].join(""),
  );
  return failed.length > 0 ? exitCodes.failed : exitCodes.done;
}

function describeFailure(error: DpError): {
  readonly code: ErrorCode;
  readonly message: string;
  readonly why: string | null;
} {
  return { code: error.code, message: messageOf(error), why: error.why ?? null };
}
