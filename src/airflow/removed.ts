/**
 * Names of Airflow 1.10 and 2 that Airflow 3 does not have, and what to write instead. The sources are
 * https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html and the
 * rules AIR301, AIR302, AIR311, and AIR312 of ruff.
 */

const standard = "airflow.providers.standard";
const sql = "`SQLExecuteQueryOperator` from airflow.providers.common.sql.operators.sql";

/** What to write instead of a module; the longest beginning of its name counts. */
const modules: ReadonlyMap<string, string> = new Map([
  ["airflow.operators.bash_operator", `${standard}.operators.bash`],
  ["airflow.operators.python_operator", `${standard}.operators.python`],
  ["airflow.operators.dummy_operator", `\`EmptyOperator\` from ${standard}.operators.empty`],
  ["airflow.operators.dummy", `\`EmptyOperator\` from ${standard}.operators.empty`],
  ["airflow.operators.dagrun_operator", `${standard}.operators.trigger_dagrun`],
  ["airflow.operators.branch_operator", `${standard}.operators.branch`],
  ["airflow.operators.latest_only_operator", `${standard}.operators.latest_only`],
  ["airflow.operators.subdag_operator", "`TaskGroup` from airflow.sdk"],
  ["airflow.operators.subdag", "`TaskGroup` from airflow.sdk"],
  ["airflow.operators.email_operator", "airflow.providers.smtp.operators.smtp"],
  ["airflow.operators.http_operator", "`HttpOperator` from airflow.providers.http.operators.http"],
  ["airflow.operators.postgres_operator", sql],
  ["airflow.operators.mysql_operator", sql],
  ["airflow.operators.sqlite_operator", sql],
  ["airflow.operators.mssql_operator", sql],
  ["airflow.operators.oracle_operator", sql],
  ["airflow.operators.jdbc_operator", sql],
  ["airflow.operators.sql", "airflow.providers.common.sql.operators.sql"],
  ["airflow.operators.sensors", "the modules of airflow.providers.standard.sensors"],
  ["airflow.hooks.base_hook", "`BaseHook` from airflow.sdk"],
  ["airflow.hooks.dbapi_hook", "airflow.providers.common.sql.hooks.sql"],
  ["airflow.hooks.dbapi", "airflow.providers.common.sql.hooks.sql"],
  ["airflow.hooks.postgres_hook", "airflow.providers.postgres.hooks.postgres"],
  ["airflow.hooks.mysql_hook", "airflow.providers.mysql.hooks.mysql"],
  ["airflow.hooks.sqlite_hook", "airflow.providers.sqlite.hooks.sqlite"],
  ["airflow.hooks.http_hook", "airflow.providers.http.hooks.http"],
  ["airflow.hooks.S3_hook", "airflow.providers.amazon.aws.hooks.s3"],
  ["airflow.sensors.base_sensor_operator", "`BaseSensorOperator` from airflow.sdk"],
  ["airflow.sensors.http_sensor", "airflow.providers.http.sensors.http"],
  ["airflow.sensors.sql_sensor", "airflow.providers.common.sql.sensors.sql"],
  ["airflow.sensors.sql", "airflow.providers.common.sql.sensors.sql"],
  ["airflow.sensors.s3_key_sensor", "airflow.providers.amazon.aws.sensors.s3"],
  ["airflow.sensors.external_task_sensor", `${standard}.sensors.external_task`],
  ["airflow.sensors.time_delta_sensor", `${standard}.sensors.time_delta`],
  ["airflow.sensors.date_time_sensor", `${standard}.sensors.date_time`],
  ["airflow.contrib", "the module of a provider package"],
  ["airflow.datasets", "`Asset` and `AssetAlias` from airflow.sdk"],
  ["airflow.timetables.datasets", "`AssetOrTimeSchedule` from airflow.timetables.assets"],
  ["airflow.utils.weekday", `${standard}.utils.weekday`],
  ["airflow.utils.log.secrets_masker", "airflow.sdk.execution_time.secrets_masker"],
  ["airflow.executors.celery_executor", "airflow.providers.celery.executors.celery_executor"],
  ["airflow.kubernetes", "airflow.providers.cncf.kubernetes"],
  ["airflow.api.common.experimental", "the REST API of Airflow"],
]);

/** What to write instead of a name that a module of Airflow no longer has; empty where nothing replaces it. */
const names: ReadonlyMap<string, string> = new Map([
  ["days_ago", '`pendulum.today("UTC").add(days=-N)`'],
  ["round_time", "the functions of pendulum"],
  ["parse_execution_date", "`pendulum.parse`"],
  ["apply_defaults", ""],
  ["chain", "`chain` from airflow.sdk"],
  ["cross_downstream", "`cross_downstream` from airflow.sdk"],
  ["task", "`task` from airflow.sdk"],
  ["Dataset", "`Asset` from airflow.sdk"],
  ["DatasetAlias", "`AssetAlias` from airflow.sdk"],
  ["BaseHook", "`BaseHook` from airflow.sdk"],
  ["BaseOperator", "`BaseOperator` from airflow.sdk"],
  ["BashOperator", `\`BashOperator\` from ${standard}.operators.bash`],
  ["PythonOperator", `\`PythonOperator\` from ${standard}.operators.python`],
  ["DummyOperator", `\`EmptyOperator\` from ${standard}.operators.empty`],
  ["TemporaryDirectory", "`TemporaryDirectory` from tempfile"],
]);

/** What to write instead of an argument; empty where nothing replaces it. */
const keywords: ReadonlyMap<string, string> = new Map([
  ["schedule_interval", "`schedule`"],
  ["timetable", "`schedule`"],
  ["concurrency", "`max_active_tasks`"],
  ["fail_stop", "`fail_fast`"],
  ["task_concurrency", "`max_active_tis_per_dag`"],
  ["execution_date", "`logical_date`"],
  ["xcom_push", "`do_xcom_push`"],
  ["default_view", ""],
  ["orientation", ""],
  ["full_filepath", ""],
  ["provide_context", ""],
]);

const attributes: ReadonlyMap<string, string> = new Map([
  ["NONE_FAILED_OR_SKIPPED", "`NONE_FAILED_MIN_ONE_SUCCESS`"],
  ["none_failed_or_skipped", "`none_failed_min_one_success`"],
  ["dummy", "`always`"],
]);

/**
 * How to fix an import error because of something that Airflow 3 removed, e.g. "replace `schedule_interval`
 * with `schedule`"; undefined for any other error. The message is that of Python or Airflow.
 */
export function hintForRemoved(message: string): string | undefined {
  const module = /^ModuleNotFoundError: No module named '(airflow\.[^']+)'/.exec(message)?.[1];
  if (module !== undefined) return hintFor(module, replacementOfModule(module));
  const name = /^ImportError: cannot import name '([^']+)' from '(airflow[.'])/.exec(message)?.[1];
  if (name !== undefined) return hintFor(name, names.get(name));
  const keyword = /got an unexpected keyword argument '([^']+)'/.exec(message)?.[1];
  if (keyword !== undefined) return hintFor(keyword, keywords.get(keyword));
  // https://github.com/apache/airflow/blob/3.3.2/task-sdk/src/airflow/sdk/bases/operator.py (`__init__`)
  const [, invalid] = /Invalid arguments were passed to .*\*\*kwargs: \{(.*)\}/.exec(message) ?? [];
  if (invalid !== undefined) return hintForArguments(invalid);
  const attribute =
    /^AttributeError: (\w+)$/.exec(message)?.[1] ??
    /^ValueError: .*trigger_rule.*received '(\w+)'/.exec(message)?.[1];
  return attribute === undefined ? undefined : hintFor(attribute, attributes.get(attribute));
}

function replacementOfModule(module: string): string | undefined {
  const parts = module.split(".");
  const beginnings = parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
  return beginnings.map((name) => modules.get(name)).find((found) => found !== undefined);
}

/** Airflow reports all invalid arguments of an operator at once: `'provide_context': True, 'x': 1`. */
function hintForArguments(text: string): string | undefined {
  const found = [...text.matchAll(/'(\w+)': /g)].flatMap(([, name = ""]) => {
    const hint = hintFor(name, keywords.get(name));
    return hint === undefined ? [] : [hint];
  });
  return found.length === 0 ? undefined : found.join(", and ");
}

function hintFor(name: string, replacement: string | undefined): string | undefined {
  if (replacement === undefined) return undefined;
  if (replacement === "") return `remove \`${name}\``;
  return `replace \`${name}\` with ${replacement}`;
}
