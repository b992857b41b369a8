import type { Path } from "../stack/path.ts";
import { configValuesHaveUnits } from "./rules/config-values.ts";
import { portListFits, portsAreUnprivileged, portsDiffer, portsExist } from "./rules/ports.ts";
import { brokerConfigIsSafe, environmentIsSafe, zookeeperConfigIsSafe } from "./rules/refused.ts";
import type { Found, Rule, RuleInput } from "./rules/rule.ts";
import {
  heapIsUsable,
  memoryHoldsHeap,
  nameIsFree,
  somethingToRun,
  topicsNeedKafka,
  zookeeperNeedsKafka,
} from "./rules/stack.ts";
import {
  brokerReplicationFits,
  minInsyncFits,
  replicationFits,
  seedsExist,
  topicNamesAreValid,
  topicNamesDiffer,
} from "./rules/topics.ts";
import { versionFits } from "./rules/versions.ts";

/** Every check that looks at more than one key, or beyond the file. */
const rules: readonly Rule[] = [
  nameIsFree,
  somethingToRun,
  zookeeperNeedsKafka,
  topicsNeedKafka,
  heapIsUsable,
  memoryHoldsHeap,
  versionFits,
  portListFits,
  portsAreUnprivileged,
  portsExist,
  portsDiffer,
  brokerConfigIsSafe,
  zookeeperConfigIsSafe,
  environmentIsSafe,
  configValuesHaveUnits,
  topicNamesAreValid,
  topicNamesDiffer,
  replicationFits,
  brokerReplicationFits,
  minInsyncFits,
  seedsExist,
];

/** What the rules find, less what rests on values that are wrong themselves (`broken`). */
export function applyRules(input: RuleInput, broken: readonly Path[]): Found[] {
  return rules
    .flatMap((rule) => rule(input))
    .filter(
      ({ path, given = [] }) =>
        !broken.some(
          (wrong) =>
            startsWith(path, wrong) ||
            given.some((used) => startsWith(used, wrong) || startsWith(wrong, used)),
        ),
    );
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((part, index) => part === path[index]);
}
