import type { Engine } from "../engine/connect.ts";
import { parseLabels } from "./labels.ts";
import { runKind } from "./run-container.ts";

interface ListedContainer {
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Labels: Record<string, string> | null;
}

/**
 * The profile of the last `dp up` of a stack: that of its youngest container, since the labels of
 * one that did not have to change stay as they were. Empty for none, undefined without a container.
 */
export async function observeProfile(
  engine: Engine,
  project: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`dp.project=${project}`] }));
  const path = `/containers/json?all=1&filters=${filters}`;
  const listed = await engine.get<ListedContainer[]>(path, signal);
  const [youngest] = listed
    .filter(({ Labels: labels }) => labels?.["dp.kind"] !== runKind)
    .toSorted((a, b) => b.Created - a.Created);
  return parseLabels(youngest?.Labels)?.profile;
}
