import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import { containerName } from "../names.ts";
import type { SettledS3, SettledStack } from "../../model/settled.ts";
import { storePorts } from "../store-login.ts";

/**
 * One container for each S3, by the contract of https://hub.docker.com/r/motoserver/moto. It keeps
 * everything in memory.
 */
export function s3Containers(stack: SettledStack): ContainerSpec[] {
  return servers(stack).map((store) => ({
    service: store.name,
    kind: "s3",
    name: containerName(stack.name, store.name),
    image: store.image,
    command: [],
    environment: {},
    files: [],
    volumes: [],
    binds: [],
    ports: [{ containerPort: storePorts.s3, hostIp: "127.0.0.1", hostPort: store.port }],
    memLimitBytes: store.memLimitBytes,
    // There is nothing to write, and the official image takes no notice of SIGTERM.
    stopTimeoutS: 3,
    dataTraits: {},
  }));
}

function servers({ stores }: SettledStack): SettledS3[] {
  return stores.filter((store) => store.type === "s3");
}

export function s3Readiness(stack: SettledStack): ReadinessGroup[] {
  return servers(stack).map(({ name, port, buckets }) => ({
    name,
    services: [name],
    needs: [],
    probe: { kind: "s3", address: { host: "127.0.0.1", port }, buckets },
  }));
}
