"""An Airflow DAG of `dp smoke`: its one task prints a word. It is removed when it has run."""

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(dag_id="@ID@", schedule=None, is_paused_upon_creation=False):
    BashOperator(task_id="say", bash_command="echo @WORD@")
