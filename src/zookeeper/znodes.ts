import type { Address } from "../model/containers.ts";
import { openZooKeeper } from "./session.ts";

/** What Kafka (3.9, ZooKeeper mode) has written into ZooKeeper. */
export interface KafkaState {
  /** Live brokers: `/brokers/ids/N` lives as long as the broker's session. */
  readonly brokerIds: readonly number[];
  /** Undefined while no broker is controller. */
  readonly controllerId: number | undefined;
  readonly clusterId: string | undefined;
}

interface Options {
  readonly address: Address;
  /** Where the brokers keep it, e.g. `/shop`; the root unless said. */
  readonly chroot?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Reads it over a session of its own. Throws DpError `zookeeper-failed`. */
export async function readKafkaState(options: Options): Promise<KafkaState> {
  const { chroot = "" } = options;
  const reader = await openZooKeeper(options);
  try {
    const ids = (await reader.children(`${chroot}/brokers/ids`)) ?? [];
    return {
      brokerIds: ids.map(Number).toSorted((a, b) => a - b),
      controllerId: numberOf(await reader.data(`${chroot}/controller`), "brokerid"),
      clusterId: textOf(await reader.data(`${chroot}/cluster/id`), "id"),
    };
  } finally {
    reader.close();
  }
}

/**
 * Whether ZooKeeper still has the broker: one that was killed must not be started before its session
 * (6 s) is over, or it ends with NodeExistsException. Throws DpError `zookeeper-failed`.
 */
export async function isBrokerRegistered(options: Options & { id: number }): Promise<boolean> {
  const reader = await openZooKeeper(options);
  try {
    return (await reader.data(`${options.chroot ?? ""}/brokers/ids/${options.id}`)) !== undefined;
  } finally {
    reader.close();
  }
}

function fieldOf(data: Buffer | undefined, key: string): unknown {
  if (data === undefined) return undefined;
  return (JSON.parse(data.toString()) as Readonly<Record<string, unknown>>)[key];
}

function numberOf(data: Buffer | undefined, key: string): number | undefined {
  const value = fieldOf(data, key);
  return typeof value === "number" ? value : undefined;
}

function textOf(data: Buffer | undefined, key: string): string | undefined {
  const value = fieldOf(data, key);
  return typeof value === "string" ? value : undefined;
}
