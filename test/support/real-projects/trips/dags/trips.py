"""Trips in Parquet and zones in CSV, loaded into the warehouse and summed up with SQL."""

from datetime import datetime
from pathlib import Path

import pandas as pd
from airflow import DAG
from airflow.models import Variable
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.sensors.filesystem import FileSensor

from src.cleaning import clean

DATA = Path("/opt/airflow/data")


def load_zones():
    zones = pd.read_csv(DATA / "zones.csv", dtype={"zone": "string"})
    engine = PostgresHook(postgres_conn_id="warehouse").get_sqlalchemy_engine()
    zones.to_sql("zones", engine, if_exists="replace", index=False)


def load_trips(ti):
    trips = clean(pd.read_parquet(DATA / "trips.parquet"), float(Variable.get("minimum_minutes")))
    engine = PostgresHook(postgres_conn_id="warehouse").get_sqlalchemy_engine()
    trips.to_sql("trips", engine, if_exists="replace", index=False)
    ti.xcom_push(key="rows", value=len(trips))


def check(ti):
    (loaded,) = PostgresHook(postgres_conn_id="warehouse").get_first("select count(*) from trips")
    assert loaded == ti.xcom_pull(task_ids="load_trips", key="rows")


with DAG("trips", start_date=datetime(2026, 1, 1), schedule=None, tags=["batch"]) as dag:
    wait = FileSensor(
        task_id="wait", filepath="/opt/airflow/data/trips.parquet", poke_interval=2, timeout=60
    )
    zones = PythonOperator(task_id="load_zones", python_callable=load_zones)
    trips = PythonOperator(task_id="load_trips", python_callable=load_trips)
    checked = PythonOperator(task_id="check", python_callable=check)
    per_zone = SQLExecuteQueryOperator(
        task_id="per_zone", conn_id="warehouse", sql="sql/per_zone.sql"
    )
    wait >> [zones, trips] >> checked >> per_zone
