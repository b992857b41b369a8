import type { ContainerSpec, ReadinessGroup } from "../model/containers.ts";
import type { SettledStack } from "../model/settled.ts";
import { airflowContainers, airflowReadiness } from "./services/airflow.ts";
import { kafkaContainers, kafkaReadiness } from "./services/kafka.ts";
import { postgresContainers, postgresReadiness } from "./services/postgres.ts";
import { redisContainers, redisReadiness } from "./services/redis.ts";
import { runnerContainers, runnerReadiness } from "./services/runner.ts";
import { s3Containers, s3Readiness } from "./services/s3.ts";
import { serviceContainers, serviceReadiness } from "./services/service.ts";
import { zookeeperContainers, zookeeperReadiness } from "./services/zookeeper.ts";

interface ServiceFactory {
  readonly containers: (stack: SettledStack) => ContainerSpec[];
  readonly readiness: (stack: SettledStack) => ReadinessGroup[];
}

/**
 * Every kind of service that dp can run. One stands after those that it needs; Airflow needs none
 * and takes longest, so it is the first that the engine is asked to start.
 */
const factories: readonly ServiceFactory[] = [
  { containers: runnerContainers, readiness: runnerReadiness },
  { containers: airflowContainers, readiness: airflowReadiness },
  { containers: zookeeperContainers, readiness: zookeeperReadiness },
  { containers: kafkaContainers, readiness: kafkaReadiness },
  { containers: postgresContainers, readiness: postgresReadiness },
  { containers: redisContainers, readiness: redisReadiness },
  { containers: s3Containers, readiness: s3Readiness },
  { containers: serviceContainers, readiness: serviceReadiness },
];

/** What has to run for a stack. */
export function containersOf(stack: SettledStack): ContainerSpec[] {
  return factories.flatMap((factory) => factory.containers(stack));
}

/** What has to hold before the stack is ready; a group comes after those it depends on. */
export function readinessOf(stack: SettledStack): ReadinessGroup[] {
  return factories.flatMap((factory) => factory.readiness(stack));
}
