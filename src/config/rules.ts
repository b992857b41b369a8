import type { Path } from "../stack/path.ts";
import { markKey } from "./locate.ts";
import { airflowEnvironmentIsSafe, airflowVersionFits, dagsExist } from "./rules/airflow.ts";
import {
  airflowVariablesAreFree,
  connectionIdsAreFree,
  connectionPasswordsAreVariables,
  connectionsAreReadable,
} from "./rules/airflow-connections.ts";
import { functionsExist, sqlFilesExist } from "./rules/code.ts";
import { configValuesHaveUnits } from "./rules/config-values.ts";
import { conditionsFit, dependenciesExist, dependenciesHaveNoCircle } from "./rules/depends-on.ts";
import {
  endpointsAreReadable,
  endpointsAreWhole,
  storesAreDeclared,
  storesOfRecordsArePostgres,
  topicsAreDeclared,
} from "./rules/endpoints.ts";
import { stepsUseNoDuckdb } from "./rules/duckdb.ts";
import { variableNamesAreValid, variablePasswordsAreVariables } from "./rules/environment.ts";
import { healthchecksAreReadable, oneShotsOnlyEnd } from "./rules/healthchecks.ts";
import {
  containerNamesAreValid,
  nameIsFree,
  paramNamesAreValid,
  pipelineNamesAreValid,
  storesAndServicesDiffer,
} from "./rules/names.ts";
import { aliasesAreUsable } from "./rules/kafka-aliases.ts";
import { neededStepsExist, needsPointUp, readersWaitForWriters } from "./rules/needs.ts";
import { portListFits, portsAreUnprivileged, portsDiffer, portsExist } from "./rules/ports.ts";
import { brokerConfigIsSafe, environmentIsSafe, zookeeperConfigIsSafe } from "./rules/refused.ts";
import { additionalRequirementsAreNoted, requirementsAreReadable } from "./rules/requirements.ts";
import type { Found, Rule, RuleInput } from "./rules/rule.ts";
import {
  composeKeysHaveNoEffect,
  envFilesAreReadable,
  extraHostsAreReadable,
  ulimitsAreKnown,
} from "./rules/service-host.ts";
import { schedulesAreValid, timezonesExist } from "./rules/schedules.ts";
import {
  buildsHaveDockerfiles,
  commandsAreReadable,
  readyIsOneCheck,
  readyPatternIsValid,
  readyPortsArePublished,
  servicePortsAreReadable,
  servicesHaveOneSource,
} from "./rules/services.ts";
import {
  appendsHaveNoKeys,
  appendsMayDouble,
  compactedTopicsGetKeys,
  exactlyOnceIsBetweenTopics,
  placeColumnsComeFromTopics,
  stepsWriteElsewhere,
  uniqueKeysName,
  upsertsHaveKeys,
} from "./rules/sinks.ts";
import {
  memoryHoldsHeap,
  schedulesNeedAirflow,
  somethingToRun,
  topicsNeedKafka,
  zookeeperNeedsKafka,
} from "./rules/stack.ts";
import { moveKeysMove, pipelinesHaveSteps, runsAreWhole, stepsDoOneThing } from "./rules/steps.ts";
import {
  containerKeysHaveContainers,
  stepCommandsAreReadable,
  stepServicesExist,
  stepVolumesAreReadable,
  unstartedServicesAreNotAwaited,
  unstartedServicesAreSteps,
  unstartedServicesHaveNoVolumes,
} from "./rules/step-containers.ts";
import { stepMountsAreFixed } from "./rules/step-mounts.ts";
import {
  initFilesExist,
  passwordsAreVariables,
  storeConfigIsSafe,
  storeFilesAreInside,
  storeKeysFitTheType,
} from "./rules/stores.ts";
import {
  serviceTemplatesAreKnown,
  stepTemplatesAreKnown,
  templatesAreFilled,
} from "./rules/templates.ts";
import {
  brokerReplicationFits,
  replicationFits,
  seedsExist,
  topicNamesAreValid,
  topicNamesDiffer,
} from "./rules/topics.ts";
import { versionFits } from "./rules/versions.ts";
import { airflowVolumesAreFree, targetsDiffer, volumesAreReadable } from "./rules/volumes.ts";

/** Every check that looks at more than one key, or beyond the file. */
const rules: readonly Rule[] = [
  nameIsFree,
  somethingToRun,
  zookeeperNeedsKafka,
  topicsNeedKafka,
  memoryHoldsHeap,
  versionFits,
  portListFits,
  portsAreUnprivileged,
  portsExist,
  portsDiffer,
  aliasesAreUsable,
  brokerConfigIsSafe,
  zookeeperConfigIsSafe,
  environmentIsSafe,
  variableNamesAreValid,
  variablePasswordsAreVariables,
  configValuesHaveUnits,
  airflowVersionFits,
  airflowEnvironmentIsSafe,
  connectionIdsAreFree,
  connectionsAreReadable,
  connectionPasswordsAreVariables,
  airflowVariablesAreFree,
  dagsExist,
  requirementsAreReadable,
  additionalRequirementsAreNoted,
  containerNamesAreValid,
  storesAndServicesDiffer,
  storeKeysFitTheType,
  storeFilesAreInside,
  initFilesExist,
  passwordsAreVariables,
  storeConfigIsSafe,
  servicesHaveOneSource,
  buildsHaveDockerfiles,
  envFilesAreReadable,
  extraHostsAreReadable,
  ulimitsAreKnown,
  composeKeysHaveNoEffect,
  servicePortsAreReadable,
  volumesAreReadable,
  targetsDiffer,
  airflowVolumesAreFree,
  commandsAreReadable,
  readyIsOneCheck,
  readyPortsArePublished,
  readyPatternIsValid,
  healthchecksAreReadable,
  oneShotsOnlyEnd,
  dependenciesExist,
  dependenciesHaveNoCircle,
  conditionsFit,
  serviceTemplatesAreKnown,
  topicNamesAreValid,
  topicNamesDiffer,
  replicationFits,
  brokerReplicationFits,
  seedsExist,
  pipelineNamesAreValid,
  paramNamesAreValid,
  pipelinesHaveSteps,
  schedulesAreValid,
  timezonesExist,
  schedulesNeedAirflow,
  stepsDoOneThing,
  moveKeysMove,
  runsAreWhole,
  containerKeysHaveContainers,
  stepServicesExist,
  stepCommandsAreReadable,
  stepVolumesAreReadable,
  stepMountsAreFixed,
  unstartedServicesHaveNoVolumes,
  unstartedServicesAreSteps,
  unstartedServicesAreNotAwaited,
  endpointsAreReadable,
  endpointsAreWhole,
  topicsAreDeclared,
  storesAreDeclared,
  storesOfRecordsArePostgres,
  stepsUseNoDuckdb,
  neededStepsExist,
  needsPointUp,
  readersWaitForWriters,
  functionsExist,
  sqlFilesExist,
  upsertsHaveKeys,
  appendsHaveNoKeys,
  stepsWriteElsewhere,
  compactedTopicsGetKeys,
  appendsMayDouble,
  placeColumnsComeFromTopics,
  uniqueKeysName,
  exactlyOnceIsBetweenTopics,
  stepTemplatesAreKnown,
  templatesAreFilled,
];

/** What the rules find, less what rests on values that are wrong themselves (`broken`). */
export function applyRules(input: RuleInput, broken: readonly Path[]): Found[] {
  const wrong = new Set(broken.map(markKey));
  const aroundWrong = new Set(broken.flatMap(beginningsOf).map(markKey));
  const isInWrong = (path: Path): boolean =>
    beginningsOf(path).some((beginning) => wrong.has(markKey(beginning)));
  return rules
    .flatMap((rule) => rule(input))
    .filter(
      ({ path, given = [] }) =>
        !isInWrong(path) &&
        !given.some((used) => isInWrong(used) || aroundWrong.has(markKey(used))),
    );
}

/** The path and all that it lies in. */
function beginningsOf(path: Path): Path[] {
  return Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, length));
}
