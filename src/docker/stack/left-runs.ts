import { hostname } from "node:os";
import type { Engine } from "../engine/connect.ts";
import { removeContainer } from "../engine/engine-calls.ts";
import { isAlive } from "../../process-identity.ts";
import { processLabel, runKind } from "./run-container.ts";

/** A container of a local run. */
export interface ListedRun {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  /** True when its dp is gone: nothing will start or remove the container. */
  readonly left: boolean;
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/ (the fields that are read). */
interface RunRow {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  /** Epoch seconds. */
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
}

interface RunsQuery {
  readonly engine: Pick<Engine, "get" | "client">;
  /** All stacks of the engine when left out. */
  readonly project?: string;
  readonly signal?: AbortSignal;
}

export async function listRuns({ engine, project, signal }: RunsQuery): Promise<ListedRun[]> {
  const labels = [`dp.kind=${runKind}`];
  if (project !== undefined) labels.push(`dp.project=${project}`);
  const query = encodeURIComponent(JSON.stringify({ label: labels }));
  const rows = await engine.get<readonly RunRow[]>(
    `/containers/json?all=1&filters=${query}`,
    signal,
  );
  return Promise.all(
    rows.map(async (row) => ({
      id: row.Id,
      name: row.Names[0]?.slice(1) ?? "",
      project: row.Labels["dp.project"] ?? "",
      left: await isLeft(row),
    })),
  );
}

/**
 * Removes the containers of a stack's local runs: the `left` ones, or `all`, also those that are in use.
 * Returns their names.
 */
export async function removeRuns(
  query: RunsQuery & { readonly which: "left" | "all" },
): Promise<string[]> {
  const runs = await listRuns(query);
  const chosen = runs.filter(({ left }) => query.which === "all" || left);
  if (chosen.length === 0) return [];
  const client = await query.engine.client();
  await Promise.all(chosen.map(({ id }) => removeContainer(client, id)));
  return chosen.map(({ name }) => name);
}

/** The longest time from creation to start on a busy machine, where the creating process is unknown. */
const startLimitS = 120;

/** A container that was created may be about to be started, unless the process that created it is dead. */
async function isLeft({
  State: state,
  Created: created,
  Labels: labels,
}: RunRow): Promise<boolean> {
  if (state !== "created") return state === "exited" || state === "dead";
  const [, pid, startTime] = /^(\d+) (\d+)$/.exec(labels[processLabel] ?? "") ?? [];
  if (startTime === undefined || labels["dp.host"] !== hostname()) {
    return Date.now() / 1000 - created > startLimitS;
  }
  return !(await isAlive({ pid: Number(pid), startTime }));
}
