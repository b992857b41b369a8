import type { ContainerState, ServiceKind } from "../../model/containers.ts";
import type { Engine } from "../engine/connect.ts";
import { toContainerState } from "./container-state.ts";
import { parseLabels, type ParsedLabels } from "./labels.ts";
import { runKind } from "./run-container.ts";

/** A dp stack as its labels tell it. */
export interface ListedStack {
  readonly name: string;
  /** Absolute path of the pipeline.yaml, and the host it lies on. */
  readonly file: string;
  readonly host: string;
  readonly services: readonly ListedService[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /**
   * When the latest of its containers and networks was made, in epoch milliseconds; of data alone, when
   * it last changed: the engine's local driver tells no other time of a volume that is in use.
   */
  readonly createdAt: number;
}

export interface ListedService {
  readonly service: string;
  readonly kind: ServiceKind;
  readonly state: ContainerState;
  /** A one-shot that has ended well: it need not run. */
  readonly done: boolean;
}

type Labels = Record<string, string> | null;

/** https://docs.docker.com/reference/api/engine/version/v1.41/ — the fields that are read. */
interface ContainerRow {
  readonly State: string;
  /** "Exited (0) 3 minutes ago" */
  readonly Status: string;
  /** Epoch seconds. */
  readonly Created: number;
  readonly Labels: Labels;
}

interface NetworkRow {
  readonly Name: string;
  /** RFC 3339, like the volumes' CreatedAt. */
  readonly Created: string;
  readonly Labels: Labels;
}

interface VolumeRow {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels: Labels;
}

/** Every dp stack on the engine, by name. Changes nothing. */
export async function listStacks(engine: Engine, signal: AbortSignal): Promise<ListedStack[]> {
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.get<ContainerRow[]>("/containers/json?all=1", signal),
    engine.get<NetworkRow[]>("/networks", signal),
    engine.get<{ readonly Volumes: VolumeRow[] | null }>("/volumes", signal),
  ]);
  const found: Found[] = [
    ...containers.flatMap((row) => ofStack(row.Labels, { createdAt: row.Created * 1000, row })),
    ...networks.flatMap(({ Name: network, Created: created, Labels: labels }) =>
      ofStack(labels, { createdAt: Date.parse(created), network }),
    ),
    ...(volumes ?? []).flatMap(({ Name: volume, CreatedAt: created = "", Labels: labels }) =>
      ofStack(labels, { createdAt: Date.parse(created), volume }),
    ),
  ];
  const names = [...new Set(found.map(({ labels }) => labels.project))].toSorted();
  return names.map((name) =>
    toStack(
      name,
      found.filter(({ labels }) => labels.project === name),
    ),
  );
}

interface Part {
  readonly createdAt: number;
  readonly row?: ContainerRow;
  readonly network?: string;
  readonly volume?: string;
}

interface Found extends Part {
  readonly labels: ParsedLabels;
}

function ofStack(labels: Labels, part: Part): Found[] {
  const parsed = parseLabels(labels);
  return parsed ? [{ ...part, labels: parsed }] : [];
}

function toStack(name: string, found: readonly Found[]): ListedStack {
  const sorted = (names: readonly (string | undefined)[]): string[] =>
    names.filter((one) => one !== undefined).toSorted();
  const made = found.filter(({ volume }) => volume === undefined);
  const times = (made.length > 0 ? made : found)
    .map(({ createdAt }) => createdAt)
    .filter((time) => !Number.isNaN(time));
  return {
    name,
    file: found[0]?.labels.file ?? "",
    host: found[0]?.labels.host ?? "",
    services: found.flatMap(toService).toSorted((a, b) => (a.service < b.service ? -1 : 1)),
    networks: sorted(found.map(({ network }) => network)),
    volumes: sorted(found.map(({ volume }) => volume)),
    createdAt: Math.max(0, ...times),
  };
}

function toService({ labels, row }: Found): ListedService[] {
  const { service, kind, ready } = labels;
  if (!row || kind === "network" || row.Labels?.["dp.kind"] === runKind) return [];
  const done = ready?.kind === "completed" && row.Status.startsWith("Exited (0)");
  return [{ service, kind, state: toContainerState(row.State), done }];
}
