import type Dockerode from "dockerode";
import { fingerprintOf, partsOf, traitParts } from "../../stack/fingerprint.ts";
import type { ContainerSpec } from "../../model/containers.ts";
import { networkName, networkNames } from "../../stack/names.ts";
import type { Healthcheck, RestartPolicy } from "../../model/settings.ts";
import { engineSocketMount, withEngineSocket } from "./engine-socket.ts";
import { changedMeanwhile } from "./exits.ts";
import { formatGroupLabels, formatLabels, parseLabels, type StackLabels } from "./labels.ts";
import { toLabel } from "../exec/ready-file.ts";

/** Creates a container that is not started yet; returns its id. */
export async function createContainer(
  client: Dockerode,
  spec: ContainerSpec,
  labels: StackLabels,
): Promise<string> {
  const parts = partsOf(spec);
  const body: Dockerode.ContainerCreateOptions = {
    Image: spec.image.id,
    Hostname: spec.hostname ?? spec.service,
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    ...(spec.entrypoint ? { Entrypoint: [...spec.entrypoint] } : {}),
    ...(spec.command.length > 0 ? { Cmd: [...spec.command] } : {}),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    ...(spec.healthcheck ? { Healthcheck: formatHealthcheck(spec.healthcheck) } : {}),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...formatLabels(labels, {
        service: spec.service,
        kind: spec.kind,
        fingerprint: fingerprintOf(parts),
        parts,
        ...(spec.ready ? { ready: toLabel(spec.ready) } : {}),
        ...(spec.startsAfter ? { dependsOn: spec.startsAfter.map(({ group }) => group) } : {}),
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
        ...(spec.engineSocket === undefined ? [] : [engineSocketMount(spec.engineSocket)]),
      ],
      ...(spec.engineSocket === undefined ? {} : withEngineSocket),
      PortBindings: Object.fromEntries(
        spec.ports.map(({ containerPort, hostIp, hostPort }) => [
          `${containerPort}/tcp`,
          [{ HostIp: hostIp, HostPort: String(hostPort) }],
        ]),
      ),
      RestartPolicy: formatRestart(spec.restart),
      ...(spec.extraHosts && {
        ExtraHosts: spec.extraHosts.map(({ name, address }) => `${name}:${address}`),
      }),
      ...(spec.ulimits && {
        Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({
          Name: name,
          Soft: soft,
          Hard: hard,
        })),
      }),
      ...(spec.memLimitBytes === undefined ? {} : { Memory: spec.memLimitBytes }),
      ...(spec.cpus === undefined ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
    },
    NetworkingConfig: {
      EndpointsConfig: { [networkName(labels.project)]: { Aliases: networkNames(spec) } },
    },
  };
  // Query and body apart: dockerode would put the environment into the URL as well.
  const options = { _query: { name: spec.name }, _body: body };
  const container = await client.createContainer(
    options as unknown as Dockerode.ContainerCreateOptions,
  );
  return container.id;
}

const nanosecondsPerMs = 1_000_000;

/** Zero is the engine's own value. */
function formatHealthcheck(check: Healthcheck): Dockerode.HealthConfig {
  const { test, intervalMs = 0, timeoutMs = 0, startPeriodMs = 0, retries = 0 } = check;
  return {
    Test: [...test],
    Interval: intervalMs * nanosecondsPerMs,
    Timeout: timeoutMs * nanosecondsPerMs,
    StartPeriod: startPeriodMs * nanosecondsPerMs,
    Retries: retries,
  };
}

function formatRestart(restart: RestartPolicy | undefined): Dockerode.HostRestartPolicy {
  const { name, maxRetries } = restart ?? { name: "no", maxRetries: 0 };
  return { Name: name, MaximumRetryCount: maxRetries };
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

/**
 * Creates a volume. The engine returns an existing one of that name without a word: throws DpError
 * `changed-meanwhile` when that belongs to another stack.
 */
export async function createVolume(
  client: Dockerode,
  name: string,
  { spec, labels }: { spec: ContainerSpec; labels: StackLabels },
): Promise<void> {
  const volume = await client.createVolume({
    Name: name,
    Labels: formatLabels(labels, {
      service: spec.service,
      kind: spec.kind,
      fingerprint: "",
      parts: traitParts(spec),
    }),
  });
  const { Labels: found } = await volume.inspect();
  if (parseLabels(found)?.project === labels.project) return;
  throw changedMeanwhile(name, "a volume of that name was created meanwhile");
}
