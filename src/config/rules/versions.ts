import { defaults } from "../defaults.ts";
import { isBefore } from "../version.ts";
import type { Rule } from "./rule.ts";

const versionPath = ["kafka", "version"];

/** https://kafka.apache.org/39/documentation.html#zk2kraft: 3.9 was the last with ZooKeeper mode. */
const zookeeperModeEnded: Rule = ({ stack }) => {
  const { kafka } = stack;
  if (kafka?.mode !== "zookeeper" || isBefore(kafka.version, [3, 10])) return [];
  return [
    {
      path: versionPath,
      message: `Kafka ${kafka.version} cannot run with zookeeper: ZooKeeper mode ended with the 3.9 line`,
      hint: `write version ${defaults.kafkaVersionWithZookeeper} or drop the zookeeper section`,
      given: [["zookeeper"]],
    },
  ];
};

const kraftIsOldEnough: Rule = ({ stack }) => {
  const { kafka } = stack;
  if (kafka?.mode !== "kraft" || !isBefore(kafka.version, [3, 9])) return [];
  return [
    {
      path: versionPath,
      message: `Kafka ${kafka.version} without zookeeper: dp runs KRaft mode from version 3.9 on`,
      hint: `write version ${defaults.kafkaVersion} or add a line \`zookeeper:\``,
      given: [["zookeeper"]],
    },
  ];
};

/** The official image begins with 3.7.0: https://hub.docker.com/r/apache/kafka */
const imageExists: Rule = ({ stack }) => {
  const { kafka } = stack;
  if (kafka?.mode !== "zookeeper" || kafka.image !== undefined) return [];
  if (!isBefore(kafka.version, [3, 7])) return [];
  return [
    {
      path: versionPath,
      message: `there is no official image of Kafka ${kafka.version}: they begin with 3.7.0`,
      hint: `write version ${defaults.kafkaVersionWithZookeeper}, or name an image`,
      given: [["kafka", "image"]],
    },
  ];
};

/** Images are tagged with all three parts. */
const versionIsWhole: Rule = ({ stack }) => {
  const { kafka } = stack;
  if (!kafka || kafka.image !== undefined || /^\d+\.\d+\.\d+/.test(kafka.version)) return [];
  const known = [defaults.kafkaVersionWithZookeeper, defaults.kafkaVersion].find((version) =>
    version.startsWith(`${kafka.version}.`),
  );
  return [
    {
      path: versionPath,
      message: `Kafka ${kafka.version} names a line, not a release`,
      hint: `write all three parts: ${known ?? `${kafka.version}.0`}`,
      given: [["kafka", "image"]],
    },
  ];
};

/** What is wrong with the version first of all. */
export const versionFits: Rule = (input) =>
  [zookeeperModeEnded, kraftIsOldEnough, imageExists, versionIsWhole]
    .map((rule) => rule(input))
    .find((found) => found.length > 0) ?? [];
