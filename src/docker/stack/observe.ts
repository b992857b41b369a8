import type {
  ForeignObject,
  Observed,
  ObservedContainer,
  ObservedObject,
  OccupiedPort,
  PublishedPort,
  ServiceKind,
} from "../../model/containers.ts";
import { networkName } from "../../stack/names.ts";
import type { Engine } from "../engine/connect.ts";
import { toContainerState } from "./container-state.ts";
import { describeOwner, describeStack, parseLabels } from "./labels.ts";
import { runKind } from "./run-container.ts";

type Labels = Record<string, string> | null;

/** https://docs.docker.com/reference/api/engine/version/v1.41/ — the fields that are read. */
interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Status: string;
  readonly Labels: Labels;
  readonly Ports: readonly { PrivatePort: number; PublicPort?: number; IP?: string }[];
}

interface InspectedContainer {
  readonly Name: string;
  readonly Config: { Env: readonly string[] | null };
  readonly State: { Status: string; ExitCode: number; OOMKilled: boolean; StartedAt: string };
  readonly HostConfig: {
    readonly RestartPolicy?: { readonly Name: string };
    /** Bytes; 0 is no limit. */
    readonly Memory: number;
    PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  };
  readonly NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

interface ListedNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Labels;
}

interface ListedVolumes {
  readonly Volumes: readonly { Name: string; Labels: Labels }[] | null;
}

/** What the engine has of a stack, and what stands in its way. Changes nothing. */
export async function observeStack(
  engine: Engine,
  project: string,
  signal?: AbortSignal,
): Promise<Observed> {
  const [containers, networks, volumes] = await Promise.all([
    engine.get<ListedContainer[]>("/containers/json?all=1", signal),
    engine.get<ListedNetwork[]>("/networks", signal),
    engine.get<ListedVolumes>("/volumes", signal),
  ]);
  const isOwn = ({ Labels: labels }: { Labels: Labels }): boolean =>
    parseLabels(labels)?.project === project;
  const own = containers
    .filter(isOwn)
    .filter(({ Labels: labels }) => labels?.["dp.kind"] !== runKind);
  const others = containers.filter((container) => !isOwn(container));
  const volumeList = volumes.Volumes ?? [];
  const read = await Promise.all(own.map((listed) => readContainer(engine, listed, signal)));
  return {
    containers: read.filter((container) => container !== undefined),
    networks: networks.filter(isOwn).map((network) => toObject(network.Id, network)),
    volumes: volumeList.filter(isOwn).map((volume) => toObject(volume.Name, volume)),
    foreign: [
      ...others.filter((other) => isLike(nameOf(other), project)).map(toForeign),
      ...networks
        .filter((network) => !isOwn(network) && network.Name === networkName(project))
        .map(({ Name: name, Labels: labels }): ForeignObject => ({
          object: "network",
          name,
          owner: describeStack(labels) ?? "somebody else",
        })),
      ...volumeList
        .filter((volume) => !isOwn(volume) && isLike(volume.Name, project))
        .map(({ Name: name, Labels: labels }): ForeignObject => ({
          object: "volume",
          name,
          owner: describeStack(labels) ?? "somebody else",
        })),
    ],
    occupiedPorts: others.flatMap(occupied),
  };
}

/** Whether a name has the form of those that dp gives to the project's containers and volumes. */
function isLike(name: string, project: string): boolean {
  return name.startsWith(`${project}-`);
}

function nameOf({ Names: names }: ListedContainer): string {
  return names[0]?.slice(1) ?? "";
}

/**
 * Undefined for one that was removed since it was listed. Name and state are read together with the rest: the
 * list has what was true before a start that is under way, while an inspection waits for its end.
 */
async function readContainer(
  engine: Engine,
  listed: ListedContainer,
  signal?: AbortSignal,
): Promise<ObservedContainer | undefined> {
  const inspected = await engine.find<InspectedContainer>(`/containers/${listed.Id}/json`, signal);
  if (!inspected) return undefined;
  const labels = parseLabels(listed.Labels);
  const startedAt = Date.parse(inspected.State.StartedAt);
  const [network] = Object.values(inspected.NetworkSettings.Networks);
  return {
    id: listed.Id,
    name: inspected.Name.slice(1),
    service: labels?.service ?? "",
    kind: labels?.kind as ServiceKind,
    state: toContainerState(inspected.State.Status),
    status: listed.Status,
    imageId: listed.ImageID,
    imageRef: listed.Image,
    fingerprint: labels?.fingerprint ?? "",
    parts: labels?.parts ?? {},
    file: labels?.file ?? "",
    host: labels?.host ?? "",
    ports: readPorts(inspected),
    exitCode: inspected.State.ExitCode,
    oomKilled: inspected.State.OOMKilled,
    ...(inspected.HostConfig.Memory > 0 ? { memLimitBytes: inspected.HostConfig.Memory } : {}),
    startedAt: startedAt > 0 ? startedAt : undefined,
    networkAddress: network?.IPAddress || undefined,
    environment: readEnvironment(inspected),
    ...(labels?.ready ? { ready: labels.ready } : {}),
    ...(labels?.dependsOn ? { dependsOn: labels.dependsOn } : {}),
    ...(isRestarted(inspected) ? { restarts: true } : {}),
  };
}

/** Engines write the policy "no" also as an empty name. */
function isRestarted({ HostConfig: { RestartPolicy: policy } }: InspectedContainer): boolean {
  return !["", "no"].includes(policy?.Name ?? "");
}

function readEnvironment({ Config: { Env: entries } }: InspectedContainer): Record<string, string> {
  return Object.fromEntries(
    (entries ?? []).map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** Ports as they were asked for: they stay known when the container does not run. */
function readPorts({
  HostConfig: { PortBindings: bindings },
}: InspectedContainer): PublishedPort[] {
  return Object.entries(bindings ?? {}).flatMap(([containerPort, hosts]) =>
    (hosts ?? []).map(({ HostIp: hostIp, HostPort: hostPort }) => ({
      containerPort: Number.parseInt(containerPort, 10),
      hostIp,
      hostPort: Number(hostPort),
    })),
  );
}

function toObject(
  id: string,
  { Labels: labels, Name: name }: { Labels: Labels; Name: string },
): ObservedObject {
  const parsed = parseLabels(labels);
  return {
    id,
    name,
    service: parsed?.service ?? "",
    kind: parsed?.kind ?? "network",
    parts: parsed?.parts ?? {},
    file: parsed?.file ?? "",
    host: parsed?.host ?? "",
  };
}

function toForeign(container: ListedContainer): ForeignObject {
  const name = nameOf(container);
  return { object: "container", name, owner: describeOwner(name, container.Labels) };
}

function occupied(container: ListedContainer): OccupiedPort[] {
  const owner = describeOwner(nameOf(container), container.Labels);
  const ports = container.Ports.flatMap(({ PublicPort: port }) =>
    port === undefined ? [] : [port],
  );
  return [...new Set(ports)].map((port) => ({ port, owner }));
}
