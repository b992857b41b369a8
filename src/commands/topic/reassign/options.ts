import { InvalidArgumentError } from "commander";
import { DpError } from "../../../errors.ts";
import { parseInteger, type Limits } from "../../../config/units.ts";
import { partitionNumbers } from "../../../cli/options.ts";

export interface ReassignOptions {
  readonly replicas?: ExplicitReplicas;
  readonly replication?: number;
  readonly off?: readonly number[];
  readonly balance?: boolean;
  readonly cancel?: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

/** Partition → ids of brokers, the preferred leader first. */
export type ExplicitReplicas = ReadonlyMap<number, readonly number[]>;

/** What is to become of the topics. */
export type ReassignWish =
  | { readonly kind: "show" }
  | { readonly kind: "cancel" }
  | { readonly kind: "explicit"; readonly topic: string; readonly replicas: ExplicitReplicas }
  | {
      readonly kind: "spread";
      readonly replication: number | undefined;
      readonly off: readonly number[];
      readonly balance: boolean;
    };

/** Throws DpError `usage` for options that don't go together. */
export function wishOf(options: ReassignOptions, topics: readonly string[]): ReassignWish {
  const { replicas, replication, off = [], balance = false, cancel = false } = options;
  const spreads = replication !== undefined || off.length > 0 || balance;
  const given = [replicas !== undefined, spreads, cancel].filter(Boolean).length;
  if (given > 1) throw wrong("--replicas, --cancel and the others don't go together");
  if (cancel) return { kind: "cancel" };
  if (replicas !== undefined) {
    const [topic, ...others] = topics;
    if (topic === undefined || others.length > 0) throw wrong("--replicas needs one topic");
    return { kind: "explicit", topic, replicas };
  }
  if (!spreads) return { kind: "show" };
  if (replication !== undefined && topics.length === 0) throw wrong("-r needs the topics");
  return { kind: "spread", replication, off, balance };
}

function wrong(message: string): DpError {
  return new DpError({ code: "usage", message, next: "dp topic reassign --help" });
}

/** `0=2,3`, may be repeated. */
export function collectReplicas(
  text: string,
  before: ExplicitReplicas = new Map(),
): ExplicitReplicas {
  const [, number = "", ids = ""] = /^(\d+)=(.+)$/.exec(text) ?? [];
  const partition = parseInteger(number, partitionNumbers);
  const brokers = readIds(ids);
  if (partition === undefined || brokers === undefined) {
    throw new InvalidArgumentError("write partition=brokers like 0=2,3; no broker twice.");
  }
  return new Map([...before, [partition, brokers]]);
}

/** `3` or `2,3`; may be repeated. */
export function collectBrokers(text: string, before: readonly number[] = []): readonly number[] {
  const brokers = readIds(text);
  if (brokers === undefined) throw new InvalidArgumentError("write ids of brokers like 3 or 2,3.");
  return [...new Set([...before, ...brokers])];
}

/** Kafka's protocol has 31 bits for them. */
const brokerIds: Limits = { least: 0, most: 2 ** 31 - 1 };

function readIds(text: string): number[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const ids = parts.map((part) => parseInteger(part, brokerIds));
  if (!ids.every((id) => id !== undefined)) return undefined;
  return new Set(ids).size === ids.length ? ids : undefined;
}
