import { DpError } from "../errors.ts";
import { nearest } from "../stack/nearest.ts";
import { acksCheck } from "./checks/acks.ts";
import { airflowCheck } from "./checks/airflow.ts";
import { brokersCheck } from "./checks/brokers.ts";
import { codecsCheck } from "./checks/codecs.ts";
import { groupCheck } from "./checks/group.ts";
import { insideCheck } from "./checks/inside.ts";
import { orderCheck } from "./checks/order.ts";
import { partitioningCheck } from "./checks/partitioning.ts";
import { quorumCheck } from "./checks/quorum.ts";
import { topicsCheck } from "./checks/topics.ts";
import { zookeeperCheck } from "./checks/zookeeper.ts";
import { servicesCheck } from "./checks/services.ts";
import { storesCheck } from "./checks/stores.ts";
import type { Check, KafkaCheck } from "./model.ts";

const kafkaChecks: readonly KafkaCheck[] = [
  brokersCheck,
  insideCheck,
  orderCheck,
  acksCheck,
  codecsCheck,
  partitioningCheck,
  groupCheck,
  topicsCheck,
  zookeeperCheck,
  quorumCheck,
];

/** All of them, in the order in which they are told. */
export const allChecks: readonly Check[] = [
  ...kafkaChecks.map(ofKafka),
  airflowCheck,
  storesCheck,
  servicesCheck,
];

function ofKafka({ name, proves, lacks, run }: KafkaCheck): Check {
  return {
    name,
    proves,
    lacks: ({ kafka }) => (kafka ? lacks?.(kafka) : "the stack has no Kafka"),
    run: async ({ subjects: { kafka: cluster }, canaries, ...context }) => {
      if (!cluster || !canaries) throw new TypeError(`${name} was asked of a stack without Kafka`);
      return run({ ...context, cluster, canaries });
    },
  };
}

/**
 * The checks that are asked for: `only` these (undefined: all), without those of `skip`. Throws DpError
 * `usage` for a name that is none, with the nearest, and when nothing is left.
 */
export function selectChecks(
  checks: readonly Check[],
  choice: {
    readonly only?: readonly string[] | undefined;
    readonly skip?: readonly string[] | undefined;
  },
): Check[] {
  const { only, skip = [] } = choice;
  const names = checks.map(({ name }) => name);
  for (const wanted of [...(only ?? []), ...skip]) {
    if (names.includes(wanted)) continue;
    const near = nearest(wanted, names);
    throw new DpError({
      code: "usage",
      message: `there is no check "${wanted}"`,
      why: `there are ${names.join(", ")}`,
      next: near === undefined ? "dp smoke --list" : `did you mean "${near}"?`,
    });
  }
  const selected = checks.filter(
    ({ name }) => (only === undefined || only.includes(name)) && !skip.includes(name),
  );
  if (selected.length > 0) return selected;
  throw new DpError({
    code: "usage",
    message: "no check is left",
    why: "--skip takes away all that --only names",
    next: "dp smoke --list",
  });
}
