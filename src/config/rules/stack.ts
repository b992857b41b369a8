import { entriesOf } from "../written.ts";
import type { Rule } from "./rule.ts";

export const somethingToRun: Rule = ({ spec, stack }) =>
  [stack.kafka, stack.zookeeper, stack.airflow].some(Boolean) ||
  stack.stores.length + stack.services.length + stack.pipelines.length > 0 ||
  spec.kafka === false
    ? []
    : [
        {
          path: [],
          message: "the file asks for nothing to run",
          hint: "add a line `kafka:` for a broker with defaults",
          given: [[]],
        },
      ];

export const zookeeperNeedsKafka: Rule = ({ stack }) =>
  stack.zookeeper && !stack.kafka && stack.topics.length === 0
    ? [
        {
          path: ["zookeeper"],
          on: "key",
          message: "zookeeper without kafka: nothing would use it",
          hint: "add a line `kafka:`, or drop the zookeeper section",
          given: [["kafka"], ["topics"]],
        },
      ]
    : [];

export const topicsNeedKafka: Rule = ({ spec, stack }) =>
  spec.kafka === false && stack.topics.length > 0
    ? [
        {
          path: ["kafka"],
          message: "kafka is switched off, but there are topics",
          hint: "write `kafka:`, or drop the topics",
        },
      ]
    : [];

/** Nothing would start the pipeline at its times. */
export const schedulesNeedAirflow: Rule = ({ spec, stack }) =>
  entriesOf(spec.pipelines)
    .filter(([, { schedule }]) => schedule !== undefined && !stack.airflow)
    .map(([name]) => ({
      severity: "warning",
      path: ["pipelines", name, "schedule"],
      on: "key",
      message: `pipeline "${name}" has a schedule, and there is no airflow to run it`,
      hint: "add a line `airflow:`, or run it by hand with dp pipeline run",
      given: [["airflow"]],
    }));

/** A container whose limit is below its heap is killed as soon as it uses that heap. */
export const memoryHoldsHeap: Rule = ({ stack }) =>
  (["zookeeper", "kafka"] as const).flatMap((section) => {
    const settings = stack[section];
    if (settings?.memLimitBytes === undefined || settings.memLimitBytes > settings.heapBytes) {
      return [];
    }
    return [
      {
        path: [section, "mem_limit"],
        message: "mem_limit leaves no room beside the Java heap",
        hint: "set it to at least twice the heap, or lower heap",
        given: [[section, "heap"]],
      },
    ];
  });
