"""An Airflow DAG that dp wrote from a pipeline of pipeline.yaml: edit that one, then run `dp pipeline run`."""

import json
import os
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, CronTriggerTimetable

PIPELINE = json.loads(
    r"""
@PIPELINE@
"""
)


def seconds(value):
    return None if value is None else timedelta(seconds=value)


def make_schedule():
    if PIPELINE["schedule"] is None:
        return None
    return CronTriggerTimetable(PIPELINE["schedule"], timezone=PIPELINE["timezone"])


def make_start_date():
    # Fire times before this file came here do not count: sending it never starts a run.
    if PIPELINE["schedule"] is None:
        return None
    return datetime.fromtimestamp(os.path.getmtime(__file__), timezone.utc)


RUN_VALUES = {
    "DP_RUN_ID": "{{ run_id }}",
    "DP_TRY": "{{ ti.try_number }}",
    "DP_RUN_AFTER": "{{ dag_run.run_after.isoformat() }}",
    "DP_SCHEDULED": "{{ '1' if dag_run.run_type == 'scheduled' else '' }}",
    "DP_PARAMS": "{{ (dag_run.conf or {}) | tojson }}",
    "PYTHONPATH": ".dp",
    "PYTHONUNBUFFERED": "1",
}


def make_task(step):
    return BashOperator(
        task_id=step["id"],
        bash_command=(
            f"cd {PIPELINE['folder']} && exec /opt/dp/venv/bin/python -m dp_runtime"
            f" step {PIPELINE['name']} {step['id']}"
        ),
        env=RUN_VALUES,
        append_env=True,
        skip_on_exit_code=None,
        retries=step["retries"],
        retry_delay=seconds(step["retryDelay"]),
        execution_timeout=seconds(step["timeout"]),
    )


with DAG(
    dag_id=PIPELINE["name"],
    description=PIPELINE["description"],
    schedule=make_schedule(),
    start_date=make_start_date(),
    catchup=False,
    max_active_runs=PIPELINE["maxActiveRuns"],
    dagrun_timeout=seconds(PIPELINE["timeout"]),
    tags=["dp", "dp:" + PIPELINE["version"], *PIPELINE["tags"]],
):
    tasks = {step["id"]: make_task(step) for step in PIPELINE["steps"]}
    for step in PIPELINE["steps"]:
        for needed in step["needs"]:
            tasks[needed] >> tasks[step["id"]]
