import type { Path } from "../../stack/path.ts";
import type { Spec } from "../schema.ts";
import { describeIntegers, parseInteger, replicationLimits } from "../units.ts";
import { topicsOf } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule } from "./rule.ts";

/** https://github.com/apache/kafka/blob/3.9/clients/src/main/java/org/apache/kafka/common/internals/Topic.java */
const validName = /^[a-zA-Z0-9._-]{1,249}$/;

export const topicNamesAreValid: Rule = ({ spec, stack }) =>
  stack.topics.flatMap(({ name }, index): Found[] => {
    const at = topicPlace({ spec, name, index });
    if (name.startsWith("__")) {
      return [
        {
          ...at,
          message: `topic "${name}": names that begin with __ belong to Kafka itself`,
          hint: "choose another name",
        },
      ];
    }
    if (canNameTopic(name)) return [];
    return [
      {
        ...at,
        message: `"${name}" is no name for a topic`,
        hint: "use 1 to 249 letters, digits, dots, dashes and underscores",
      },
    ];
  });

/** Whether pipeline.yaml can define a topic with this name. */
export function canNameTopic(name: string): boolean {
  return validName.test(name) && name !== "." && name !== ".." && !name.startsWith("__");
}

/** Kafka names its metrics with _ for . and refuses the second of such a pair. */
export const topicNamesDiffer: Rule = ({ spec, stack }) => {
  const first = new Map<string, string>();
  return stack.topics.flatMap(({ name }, index): Found[] => {
    const inMetrics = name.replaceAll(".", "_");
    const other = first.get(inMetrics);
    if (other === undefined) {
      first.set(inMetrics, name);
      return [];
    }
    const at = topicPlace({ spec, name, index });
    return other === name
      ? [{ ...at, message: `topic "${name}" is listed twice`, hint: "keep one of the two" }]
      : [
          {
            ...at,
            message: `topics "${other}" and "${name}" collide: Kafka's metrics write both as ${inMetrics}`,
            hint: "rename one of the two",
          },
        ];
  });
};

export const replicationFits: Rule = ({ stack }) => {
  const brokers = stack.kafka?.brokers ?? 1;
  return stack.topics
    .filter(({ replication }) => replication > brokers)
    .map(({ name, replication }) => ({
      path: ["topics", name, "replication"],
      message: `replication ${replication} needs as many brokers, and there ${brokersText(brokers)}`,
      hint: `set kafka.brokers to ${replication}, or replication to at most ${brokers}`,
      given: [["kafka", "brokers"]],
    }));
};

const factorKeys = [
  "default.replication.factor",
  "offsets.topic.replication.factor",
  "transaction.state.log.replication.factor",
];

export const brokerReplicationFits: Rule = ({ stack }) => {
  const { kafka } = stack;
  if (!kafka) return [];
  return factorKeys.flatMap((key): Found[] => {
    const written = kafka.config[key];
    if (written === undefined) return [];
    const factor = parseInteger(written, replicationLimits);
    if (factor !== undefined && factor <= kafka.brokers) return [];
    return [
      {
        path: ["kafka", "config", key],
        message:
          factor === undefined
            ? `invalid ${key} "${written}": must be ${describeIntegers(replicationLimits)}`
            : `${key} ${written} needs as many brokers, and there ${brokersText(kafka.brokers)}`,
        hint: "remove the line: dp sets it to fit the brokers",
        given: [["kafka", "brokers"]],
      },
    ];
  });
};

export const seedsExist: Rule = ({ spec, ...rules }) =>
  topicsOf(spec).flatMap(([name, { seed }]) => {
    if (seed === undefined) return [];
    const [at, written] =
      typeof seed === "string"
        ? [["topics", name, "seed"], seed]
        : [["topics", name, "seed", "file"], seed.file];
    return pathProblems({ at, written, want: "file", rules });
  });

function topicPlace(input: { spec: Spec; name: string; index: number }): { path: Path; on: "key" } {
  const isList = Array.isArray(input.spec.topics);
  return { path: ["topics", isList ? input.index : input.name], on: "key" };
}

function brokersText(brokers: number): string {
  return brokers === 1 ? "is 1 broker" : `are ${brokers} brokers`;
}
