/** Names that Airflow gives to connections and variables. */

/** The id of a store's connection: `order-db` is `order_db`, as in the name of its variable. */
export function connectionId(store: string): string {
  return store.replaceAll("-", "_");
}

/** https://airflow.apache.org/docs/apache-airflow/3.3.2/howto/connection.html#environment-variables-connections */
export function connectionVariable(id: string): string {
  return `AIRFLOW_CONN_${id.toUpperCase()}`;
}

/** https://airflow.apache.org/docs/apache-airflow/3.3.2/howto/variable.html#storing-variables-in-environment-variables */
export function valueVariable(key: string): string {
  return `AIRFLOW_VAR_${key.toUpperCase()}`;
}
