import { defaults } from "../defaults.ts";
import { isBefore } from "../version.ts";
import { pathProblems } from "./paths.ts";
import { refused, type Refused } from "./refused.ts";
import type { Rule } from "./rule.ts";

/** The API and the images that dp knows: https://airflow.apache.org/docs/apache-airflow/stable/release_notes.html */
export const airflowVersionFits: Rule = ({ stack }) => {
  const { airflow } = stack;
  if (!airflow) return [];
  const path = ["airflow", "version"];
  const hint = `write version ${defaults.airflowVersion}`;
  const { version } = airflow;
  if (isBefore(version, [3, 1]) || !isBefore(version, [4, 0])) {
    return [{ path, message: `dp runs Airflow from 3.1 on and before 4, not ${version}`, hint }];
  }
  if (airflow.image !== undefined || /^\d+\.\d+\.\d+$/.test(version)) return [];
  return [
    {
      path,
      message: `Airflow ${version} names a line, not a release`,
      hint: `${hint}, all three parts`,
    },
  ];
};

export const dagsExist: Rule = ({ spec, ...rules }) => {
  const dags = spec.airflow ? spec.airflow.dags : undefined;
  if (dags === undefined) return [];
  return pathProblems({ at: ["airflow", "dags"], written: dags, want: "folder", rules });
};

const fixedFolders = "dp puts its files and the database into folders of the image that it knows";

/** Environment variables that would break the orchestrator, or what dp has to say to it. */
const variables: readonly Refused[] = [
  {
    keys: /^AIRFLOW__(DATABASE|CORE)__SQL_ALCHEMY_CONN(_ASYNC)?(_CMD|_SECRET)?$/,
    reason: "the database lies in a volume of the stack, and dp waits for it there",
    instead: "remove the line",
  },
  {
    keys: /^(AIRFLOW_HOME|AIRFLOW_CONFIG|AIRFLOW__CORE__PLUGINS_FOLDER)$/,
    reason: fixedFolders,
    instead: "remove the line",
  },
  {
    keys: /^AIRFLOW__(CORE__DAGS_FOLDER|DAG_PROCESSOR__DAG_BUNDLE_.*)$/,
    reason: "dp sends the DAGs of the pipelines to a folder of its own",
    instead: "name a folder with DAGs of your own under airflow.dags",
  },
  {
    keys: /^AIRFLOW__LOGGING__(BASE_LOG_FOLDER|REMOTE_.*)$/,
    reason: "dp reads the logs of tasks where Airflow serves them, in a volume of the stack",
    instead: "remove the line",
  },
  {
    keys: /^AIRFLOW__(API|WEBSERVER)__(PORT|HOST|BASE_URL|WEB_SERVER_PORT|WEB_SERVER_HOST|SSL_CERT|SSL_KEY)$/,
    reason: "dp and the tasks reach the API at a fixed port inside the container",
    instead: "set the port of this machine with airflow.port",
  },
  {
    keys: /^AIRFLOW__(EXECUTION_API__.*|CORE__EXECUTION_API_SERVER_URL)$/,
    reason: "the tasks reach the API at a fixed address inside the container",
    instead: "remove the line",
  },
  {
    keys: /^AIRFLOW__CORE__(AUTH_MANAGER|SIMPLE_AUTH_MANAGER_.*)$/,
    reason: "dp speaks to the API without a password, which only this machine can reach",
    instead: "remove the line",
  },
  {
    keys: /^AIRFLOW__(API_AUTH__.*|API__SECRET_KEY|CORE__FERNET_KEY)$/,
    reason: "all components must share it, and dp derives it from the name of the stack",
    instead: "remove the line",
  },
  {
    keys: /^AIRFLOW__(SECRETS__|WORKERS__SECRETS_)BACKEND/,
    reason: "Airflow reads the connections and variables of the stack through it",
    instead: "remove the line; write airflow.connections and airflow.variables",
  },
  {
    keys: /^AIRFLOW__CORE__EXECUTOR$/,
    reason: "tasks run in Airflow's own container",
    instead: "remove the line; airflow.parallelism says how many run at once",
  },
  {
    keys: /^AIRFLOW__CORE__PARALLELISM$/,
    reason: "it is a setting of its own",
    instead: "write airflow.parallelism",
  },
  {
    keys: /^(PATH|HOME|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|LD_PRELOAD)$/,
    reason: "the programs of the image need it as it is",
    instead: "remove the line",
  },
];

export const airflowEnvironmentIsSafe: Rule = ({ spec }) =>
  refused({
    path: ["airflow", "environment"],
    names: Object.keys((spec.airflow && spec.airflow.environment) || {}),
    table: variables,
  });

/** Why a variable of Airflow can't be set; undefined for one that can. */
export function airflowVariableRefusal(name: string): string | undefined {
  return variables.find(({ keys }) => keys.test(name))?.reason;
}
