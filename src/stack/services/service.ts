import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { SettledService, SettledStack } from "../../model/settled.ts";
import { containerName } from "../names.ts";
import { fillAddresses, networkAddresses } from "../network-addresses.ts";
import { readyProbe } from "../ready-probe.ts";

/** The user's own containers. */
export function serviceContainers(stack: SettledStack): ContainerSpec[] {
  const addresses = networkAddresses(stack);
  const fill = (text: string): string => fillAddresses(text, addresses);
  return stack.services.filter(isStarted).map((service) => ({
    service: service.name,
    kind: "service",
    name: containerName(stack.name, service.name),
    image: service.image,
    ...(service.entrypoint.length > 0 ? { entrypoint: service.entrypoint.map(fill) } : {}),
    command: service.command.map(fill),
    environment: Object.fromEntries(
      Object.entries(service.environment).map(([name, value]) => [name, fill(value)]),
    ),
    files: [],
    ...mountsOf(stack.name, service),
    ports: service.ports,
    memLimitBytes: service.memLimitBytes,
    ...(service.cpus === undefined ? {} : { cpus: service.cpus }),
    ...(service.user === undefined ? {} : { user: service.user }),
    ...(service.hostname === undefined ? {} : { hostname: service.hostname }),
    ...(service.workingDir === undefined ? {} : { workingDir: service.workingDir }),
    ...(service.extraHosts.length > 0 ? { extraHosts: service.extraHosts } : {}),
    ...(service.ulimits.length > 0 ? { ulimits: service.ulimits } : {}),
    ...(service.restart ? { restart: service.restart } : {}),
    ...(service.healthcheck ? { healthcheck: service.healthcheck } : {}),
    stopTimeoutS: Math.ceil(service.stopGraceMs / 1000),
    dataTraits: {},
    ...(service.ready ? { ready: service.ready } : {}),
    ...(service.startsAfter.length > 0 ? { startsAfter: service.startsAfter } : {}),
  }));
}

/** False for a service whose container only steps of pipelines have. */
function isStarted({ scale }: Pick<SettledService, "scale">): boolean {
  return scale > 0;
}

export function mountsOf(
  project: string,
  { name, volumes }: Pick<SettledService, "name" | "volumes">,
): Pick<ContainerSpec, "volumes" | "binds"> {
  return {
    volumes: volumes.flatMap((volume) =>
      volume.kind === "volume"
        ? [{ name: `${containerName(project, name)}-${volume.name}`, target: volume.target }]
        : [],
    ),
    binds: volumes.flatMap((volume) =>
      volume.kind === "bind"
        ? [{ source: volume.source, target: volume.target, readOnly: volume.readOnly }]
        : [],
    ),
  };
}

/** One group for each, after those that it starts after. */
export function serviceReadiness({ name: project, services }: SettledStack): ReadinessGroup[] {
  return dependenciesFirst(services.filter(isStarted)).map(
    ({ name, ready, ports, startsAfter, restart }) => ({
      name,
      services: [name],
      needs: startsAfter.map(({ group }) => group),
      probe: readyProbe({ ready, ports, container: containerName(project, name) }),
      ...(restart && restart.name !== "no" ? { restarts: true } : {}),
    }),
  );
}

/** In the order of the file where nothing asks for another. */
function dependenciesFirst(services: readonly SettledService[]): SettledService[] {
  const sorted = new Set<SettledService>();
  const visited = new Set<SettledService>();
  const visit = (service: SettledService): void => {
    if (visited.has(service)) return;
    visited.add(service);
    for (const { group } of service.startsAfter) {
      const needed = services.find(({ name }) => name === group);
      if (needed) visit(needed);
    }
    sorted.add(service);
  };
  services.forEach(visit);
  return [...sorted];
}
