import { createHash } from "node:crypto";
import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { SettledAirflow, SettledStack } from "../../model/settled.ts";
import {
  airflowFolders,
  airflowService,
  airflowUser,
  containerName,
  runnerService,
  volumeName,
} from "../names.ts";
import { networkAddresses, networkEnvironment } from "../network-addresses.ts";
import { secretFiles, secretsConfig } from "./airflow-secrets.ts";
import { mountsOf } from "./service.ts";

const starterPath = `${airflowFolders.config}/dpstart.py`;
const dataPath = airflowFolders.data;
export const airflowPort = 8080;

/** The one container with all of Airflow's components. */
export function airflowContainers(stack: SettledStack): ContainerSpec[] {
  const { airflow } = stack;
  if (!airflow) return [];
  const isFast = airflow.start === "fast";
  const name = containerName(stack.name, airflowService);
  const own = { name: airflowService, volumes: airflow.volumes };
  const { volumes, binds } = mountsOf(stack.name, own);
  return [
    {
      service: airflowService,
      kind: "airflow",
      name,
      image: airflow.image,
      command: isFast ? ["python", starterPath] : ["airflow", "standalone"],
      environment: {
        ...airflowConfig(stack.name, airflow),
        ...dagEnvironment({ ...stack, airflow }),
      },
      files: [
        ...(isFast ? [{ path: starterPath, content: airflow.starter }] : []),
        ...secretFiles(stack),
      ],
      ownFolders: { paths: volumes.map(({ target }) => target), ...airflowUser },
      volumes: [{ name: volumeName(stack.name, airflowService), target: dataPath }, ...volumes],
      binds,
      ports: [{ containerPort: airflowPort, hostIp: "127.0.0.1", hostPort: airflow.port }],
      memLimitBytes: undefined,
      // The starter gives its components 8 s.
      stopTimeoutS: 15,
      dataTraits: {},
    },
  ];
}

type DagStack = Parameters<typeof networkAddresses>[0] & {
  readonly airflow: { readonly environment: Readonly<Record<string, string>> };
};

/** The variables under which DAGs find the services of the stack, and those of pipeline.yaml. */
export function dagEnvironment(stack: DagStack): Record<string, string> {
  return {
    ...networkEnvironment(networkAddresses(stack)),
    ...secretsConfig,
    ...stack.airflow.environment,
  };
}

/** Seconds; SQLite's own 5 are too few on a busy machine, and Airflow refuses a call then. */
const lockTimeoutS = 20;

/**
 * https://airflow.apache.org/docs/apache-airflow/3.3.2/configurations-ref.html
 * A stack serves one person on one machine: without a login, with short intervals (a run of five
 * small tasks takes 1 s instead of 6), and with no examples.
 */
function airflowConfig(project: string, airflow: SettledAirflow): Record<string, string> {
  return {
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${dataPath}/airflow.db?timeout=${lockTimeoutS}`,
    AIRFLOW__LOGGING__BASE_LOG_FOLDER: `${dataPath}/logs`,
    AIRFLOW__CORE__DAGS_FOLDER: airflowFolders.dags,
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: "True",
    AIRFLOW__CORE__FERNET_KEY: `${derivedKey(project, "fernet").toString("base64url")}=`,
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://localhost:${airflowPort}/execution/`,
    AIRFLOW__API__SECRET_KEY: derivedKey(project, "api-secret").toString("hex"),
    AIRFLOW__API_AUTH__JWT_SECRET: derivedKey(project, "jwt-secret").toString("hex"),
    AIRFLOW__API_AUTH__JWT_ISSUER: "dp-local",
    AIRFLOW__API__WORKERS: "1",
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: "False",
    AIRFLOW__CORE__PARALLELISM: String(airflow.parallelism),
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: "0",
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL: "0",
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: "2",
    AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL: "1",
    AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: "5",
    AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: "1",
    AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL: "0",
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: "0.1",
    AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC: "2",
    // On a busy machine the scheduler and tasks are silent for half a minute, and are alive. A scheduler
    // that was silent for longer than this counts itself as dead and runs its tasks again. Tasks of an
    // Airflow that died are found at its next start.
    AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD: "90",
    AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD: "90",
    AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: "5",
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: "90",
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL: "1",
    AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT: "30",
    // Three more tries, a minute apart, find no DAG that its file does not hold.
    AIRFLOW__WORKERS__MISSING_DAG_RETRIES: "0",
    // The official image would wait for a database server.
    CONNECTION_CHECK_MAX_COUNT: "0",
  };
}

/** 32 bytes that guard nothing beyond 127.0.0.1, and are the same from run to run. */
function derivedKey(project: string, purpose: string): Buffer {
  return createHash("sha256").update(`${project}/${purpose}`).digest();
}

export function airflowReadiness({ airflow, runner }: SettledStack): ReadinessGroup[] {
  if (!airflow) return [];
  return [
    {
      name: airflowService,
      services: [airflowService],
      needs: runner ? [runnerService] : [],
      probe: { kind: "airflow", address: { host: "127.0.0.1", port: airflow.port } },
    },
  ];
}
