import type { ContainerSpec, ReadinessGroup, SettledService, SettledStack } from "../model.ts";
import { containerName } from "../names.ts";
import { fillAddresses, networkAddresses } from "../network-addresses.ts";
import { readyProbe } from "../ready-probe.ts";

/** The user's own containers. */
export function serviceContainers(stack: SettledStack): ContainerSpec[] {
  const addresses = networkAddresses(stack);
  const fill = (text: string): string => fillAddresses(text, addresses);
  return stack.services.map((service) => ({
    service: service.name,
    kind: "service",
    name: containerName(stack.name, service.name),
    image: service.image,
    command: service.command.map(fill),
    environment: Object.fromEntries(
      Object.entries(service.environment).map(([name, value]) => [name, fill(value)]),
    ),
    files: [],
    ...mountsOf(stack.name, service),
    ports: service.ports,
    memLimitBytes: undefined,
    stopTimeoutS: 10,
    dataTraits: {},
    ...(service.ready ? { ready: service.ready } : {}),
  }));
}

function mountsOf(
  project: string,
  { name, volumes }: SettledService,
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

export function serviceReadiness({ name: project, services }: SettledStack): ReadinessGroup[] {
  return services.map(({ name, ready, ports }) => ({
    name,
    services: [name],
    needs: [],
    probe: readyProbe({ ready, ports, container: containerName(project, name) }),
  }));
}
