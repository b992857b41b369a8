/** A task of a DAG, in the version that Airflow loaded last. */
export interface DagTask {
  readonly id: string;
  /** `@task`, `BashOperator`, … */
  readonly operator: string;
  /** The tasks directly before it. */
  readonly needs: readonly string[];
  readonly retries: number;
  /** `all_success` unless the DAG sets another. */
  readonly triggerRule: string;
  readonly mapped: boolean;
}
