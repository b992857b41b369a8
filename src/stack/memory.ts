import type { ServiceKind } from "../model/containers.ts";

/** What became of a container that was killed for memory: `was killed: out of memory (limit 256m)`. */
export function describeOutOfMemory(limitBytes: number | undefined): string {
  const limit = limitBytes === undefined ? "it has no limit" : `limit ${inMiB(limitBytes)}`;
  return `was killed: out of memory (${limit})`;
}

export interface LimitedContainer {
  readonly service: string;
  readonly kind: ServiceKind;
  readonly memLimitBytes?: number;
}

/** What gives such a container more memory: the key to edit. */
export function moreMemory({ service, kind, memLimitBytes }: LimitedContainer): string {
  const section = sectionOf(service, kind);
  const heap = kind === "kafka" || kind === "zookeeper" ? `, or lower ${section}.heap` : "";
  return memLimitBytes === undefined
    ? `give the engine's machine more memory, or run less on it${heap}`
    : `raise ${section}.mem_limit in pipeline.yaml (it is ${inMiB(memLimitBytes)})${heap}, then dp up`;
}

function sectionOf(service: string, kind: ServiceKind): string {
  switch (kind) {
    case "zookeeper":
    case "kafka":
    case "airflow":
      return kind;
    case "postgres":
    case "redis":
    case "s3":
      return `stores.${service}`;
    case "service":
      return `services.${service}`;
  }
}

/** As sizes are written in the file; rounded to whole MiB. */
function inMiB(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)}m`;
}
