import type Dockerode from "dockerode";
import { fingerprintOf, partsOf, traitParts } from "../stack/fingerprint.ts";
import type { ContainerSpec } from "../stack/model.ts";
import { networkName } from "../stack/names.ts";
import { isAlreadyDone, isRemovalUnderWay } from "./engine-error.ts";
import { formatGroupLabels, formatLabels, type StackLabels } from "./labels.ts";

/** Creates a container that is not started yet; returns its id. */
export async function createContainer(
  client: Dockerode,
  spec: ContainerSpec,
  labels: StackLabels,
): Promise<string> {
  const parts = partsOf(spec);
  const body: Dockerode.ContainerCreateOptions = {
    Image: spec.image.id,
    Hostname: spec.service,
    ...(spec.command.length > 0 ? { Cmd: [...spec.command] } : {}),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...formatLabels(labels, {
        service: spec.service,
        kind: spec.kind,
        fingerprint: fingerprintOf(parts),
        parts,
        ...(spec.ready ? { ready: spec.ready } : {}),
      }),
      ...formatGroupLabels(labels.project, spec.service),
    },
    ExposedPorts: Object.fromEntries(
      spec.ports.map(({ containerPort }) => [`${containerPort}/tcp`, {}]),
    ),
    StopTimeout: spec.stopTimeoutS,
    HostConfig: {
      Mounts: [
        ...spec.volumes.map(({ name, target }) => ({
          Type: "volume" as const,
          Source: name,
          Target: target,
        })),
        ...spec.binds.map(({ source, target, readOnly }) => ({
          Type: "bind" as const,
          Source: source,
          Target: target,
          ReadOnly: readOnly,
        })),
      ],
      PortBindings: Object.fromEntries(
        spec.ports.map(({ containerPort, hostIp, hostPort }) => [
          `${containerPort}/tcp`,
          [{ HostIp: hostIp, HostPort: String(hostPort) }],
        ]),
      ),
      RestartPolicy: { Name: "no" },
      ...(spec.memLimitBytes === undefined ? {} : { Memory: spec.memLimitBytes }),
    },
    NetworkingConfig: {
      EndpointsConfig: { [networkName(labels.project)]: { Aliases: [spec.service] } },
    },
  };
  // Query and body apart: dockerode would put the environment into the URL as well.
  const options = { _query: { name: spec.name }, _body: body };
  const container = await client.createContainer(
    options as unknown as Dockerode.ContainerCreateOptions,
  );
  return container.id;
}

/**
 * Removes a container, running or not, with its anonymous volumes; returns when its name is free, also
 * where the engine was removing it already.
 */
export async function removeContainer(client: Dockerode, id: string): Promise<void> {
  const container = client.getContainer(id);
  try {
    await container.remove({ force: true, v: true });
  } catch (thrown) {
    if (!isAlreadyDone(thrown)) throw thrown;
    if (!isRemovalUnderWay(thrown)) return;
    await container.wait({ condition: "removed" }).catch((ended: unknown) => {
      if (!isAlreadyDone(ended)) throw ended;
    });
  }
}

/** Creates the stack's network; a second one of the same name is an error (engine 20.10 allows it). */
export async function createNetwork(client: Dockerode, labels: StackLabels): Promise<string> {
  const network = await client.createNetwork({
    Name: networkName(labels.project),
    CheckDuplicate: true,
    Driver: "bridge",
    Labels: formatLabels(labels, { service: "", kind: "network", fingerprint: "", parts: {} }),
  });
  return network.id;
}

export async function createVolume(
  client: Dockerode,
  name: string,
  { spec, labels }: { spec: ContainerSpec; labels: StackLabels },
): Promise<void> {
  await client.createVolume({
    Name: name,
    Labels: formatLabels(labels, {
      service: spec.service,
      kind: spec.kind,
      fingerprint: "",
      parts: traitParts(spec),
    }),
  });
}
