import { networkInterfaces } from "node:os";
import type { Address } from "../../model/containers.ts";
import type { ContainerProbe } from "../exec/container-probes.ts";

/**
 * Where this machine reaches a port of a container without the engine's proxy; undefined unless the
 * container's network is a bridge of this machine. Addresses of containers are not unique: only the bridge,
 * which has the network's id in its name, shows that they are those of this machine
 * (https://docs.docker.com/engine/network/drivers/bridge/).
 */
export async function findDirectAddress(
  { client, container, signal }: ContainerProbe,
  port: number,
): Promise<Address | undefined> {
  const { NetworkSettings: settings } = await client
    .getContainer(container)
    .inspect({ abortSignal: signal });
  const bridges = networkInterfaces();
  const network = Object.values(settings.Networks).find(
    ({ NetworkID: id, IPAddress: host }) => host !== "" && bridges[`br-${id.slice(0, 12)}`],
  );
  return network && { host: network.IPAddress, port };
}
