import type { ContainerSpec, ReadinessGroup, SettledStack } from "./model.ts";
import { kafkaContainers, kafkaReadiness } from "./services/kafka.ts";
import { zookeeperContainers, zookeeperReadiness } from "./services/zookeeper.ts";

interface ServiceFactory {
  readonly containers: (stack: SettledStack) => ContainerSpec[];
  readonly readiness: (stack: SettledStack) => ReadinessGroup[];
}

/** Every kind of service that dp can run, in the order in which they depend on each other. */
const factories: readonly ServiceFactory[] = [
  { containers: zookeeperContainers, readiness: zookeeperReadiness },
  { containers: kafkaContainers, readiness: kafkaReadiness },
];

/** What has to run for a stack. */
export function containersOf(stack: SettledStack): ContainerSpec[] {
  return factories.flatMap((factory) => factory.containers(stack));
}

/** What has to hold before the stack is ready; a group comes after those it depends on. */
export function readinessOf(stack: SettledStack): ReadinessGroup[] {
  return factories.flatMap((factory) => factory.readiness(stack));
}
