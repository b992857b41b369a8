import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import { containerName, volumeName } from "../names.ts";
import type { SettledRedis, SettledStack } from "../../model/settled.ts";
import { storePorts } from "../store-login.ts";

const configPath = "/etc/dp/redis.conf";

/** redis-cli reads it, and so does dp. */
export const redisPasswordVariable = "REDISCLI_AUTH";

/** One container for each Redis, by the contract of https://hub.docker.com/_/redis. */
export function redisContainers(stack: SettledStack): ContainerSpec[] {
  const { name: project } = stack;
  return servers(stack).map((store) => ({
    service: store.name,
    kind: "redis",
    name: containerName(project, store.name),
    image: store.image,
    command: ["redis-server", configPath],
    environment: store.password === undefined ? {} : { [redisPasswordVariable]: store.password },
    files: [{ path: configPath, content: formatConfig(store) }],
    volumes: [{ name: volumeName(project, store.name), target: "/data" }],
    binds: [],
    ports: [{ containerPort: storePorts.redis, hostIp: "127.0.0.1", hostPort: store.port }],
    memLimitBytes: store.memLimitBytes,
    // It writes what it has not yet written to the disk.
    stopTimeoutS: 20,
    dataTraits: {},
  }));
}

function servers({ stores }: SettledStack): SettledRedis[] {
  return stores.filter((store) => store.type === "redis");
}

/**
 * https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/: a directive and its
 * arguments a line. Every write is kept, and whoever reaches the port may log in, as in the official
 * image: it is published on 127.0.0.1 alone.
 */
function formatConfig({ config, password }: SettledRedis): string {
  const directives = {
    "protected-mode": "no",
    appendonly: "yes",
    ...(password === undefined ? {} : { requirepass: quote(password) }),
    ...config,
  };
  return Object.entries(directives)
    .map(([key, value]) => `${key} ${value === "" ? '""' : value}\n`)
    .join("");
}

/** In double quotes a backslash escapes. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`)}"`;
}

export function redisReadiness(stack: SettledStack): ReadinessGroup[] {
  return servers(stack).map(({ name, port, password }) => ({
    name,
    services: [name],
    needs: [],
    probe: { kind: "redis", address: { host: "127.0.0.1", port }, password },
  }));
}
