import { DpError } from "../errors.ts";
import type { Address, Probe, PublishedPort } from "../model/containers.ts";
import type { ReadyCheck } from "../model/settings.ts";

/**
 * What to ask of a service of the user's. Throws DpError `invalid-file` when its check names a port
 * that is not published.
 */
export function readyProbe(service: {
  readonly ready: ReadyCheck | undefined;
  readonly ports: readonly PublishedPort[];
  /** The container's name. */
  readonly container: string;
}): Probe {
  const { ready, ports, container } = service;
  switch (ready?.kind) {
    case "http": {
      const { port, path, status } = ready;
      return { kind: "http", address: publishedAt(ports, port), path, status };
    }
    case "tcp": {
      const { port: containerPort } = ready;
      const address = publishedAt(ports, containerPort);
      return { kind: "tcp", address, container, containerPort };
    }
    case "exec":
    case "log":
    case "completed":
      return { ...ready, container };
    case undefined:
      return { kind: "running", container };
  }
}

function publishedAt(ports: readonly PublishedPort[], containerPort: number): Address {
  const port = ports.find((published) => published.containerPort === containerPort);
  if (port) return addressOf(port);
  throw new DpError({
    code: "invalid-file",
    message: `port ${containerPort} of a service is to show that it is ready, but is not published`,
    next: `add ${containerPort} to its ports`,
  });
}

/** Where this machine dials a published port. */
export function addressOf({ hostIp, hostPort }: PublishedPort): Address {
  const all: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return { host: all[hostIp] ?? hostIp, port: hostPort };
}
