import { storeLogin } from "./endpoints.ts";
import type { ObservedContainer, Probe } from "../model/containers.ts";
import { addressOf, readyProbe } from "./ready-probe.ts";

/**
 * What to ask of a container that is a group by itself, as the engine knows it; undefined for the
 * members of a cluster, and for one that publishes no port to ask on.
 */
export function containerProbe(container: ObservedContainer): Probe | undefined {
  const { kind, name, ready, ports } = container;
  const address = ports[0] && addressOf(ports[0]);
  if (kind === "service") return readyProbe({ ready, ports, container: name });
  if (!address) return undefined;
  switch (kind) {
    case "airflow":
      return { kind, address };
    case "postgres": {
      const login = storeLogin(container);
      return login?.type === "postgres" ? { kind, address, ...login } : undefined;
    }
    case "redis": {
      const login = storeLogin(container);
      return login?.type === "redis" ? { kind, address, password: login.password } : undefined;
    }
    case "s3":
      // The file knows the buckets; who asks the engine makes none.
      return { kind, address, buckets: [] };
    case "zookeeper":
    case "kafka":
      return undefined;
  }
}
