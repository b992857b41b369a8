"""Users of an API, cleaned with pandas, sent through Kafka into Postgres."""

import json
from datetime import datetime, timedelta

import pandas as pd
import requests
from airflow.decorators import dag, task
from airflow.providers.postgres.hooks.postgres import PostgresHook
from kafka import KafkaConsumer, KafkaProducer

default_args = {"owner": "data", "retries": 2, "retry_delay": timedelta(seconds=2)}


@dag(
    dag_id="users",
    start_date=datetime(2026, 1, 1),
    schedule="@daily",
    catchup=False,
    default_args=default_args,
    tags=["users"],
)
def users():
    @task
    def fetch() -> list[dict]:
        response = requests.get("http://people_api:8080/users", timeout=10)
        response.raise_for_status()
        return response.json()["results"]

    @task
    def clean(results: list[dict]) -> list[dict]:
        frame = pd.json_normalize(results).rename(columns={"location.city": "city"})
        frame["email"] = frame["email"].str.strip().str.lower()
        frame["signed_up"] = pd.to_datetime(frame["signed_up"], utc=True).dt.strftime("%Y-%m-%d")
        frame = frame.drop_duplicates("email", keep="last").dropna(subset=["name"])
        return frame[["email", "name", "city", "signed_up"]].to_dict("records")

    @task.branch
    def anything(rows: list[dict]) -> str:
        return "publish" if rows else "nothing"

    @task
    def nothing() -> None:
        print("no users")

    @task
    def publish(rows: list[dict]) -> int:
        producer = KafkaProducer(
            bootstrap_servers=["broker:29092"],
            value_serializer=lambda row: json.dumps(row).encode("utf-8"),
            key_serializer=str.encode,
            acks="all",
        )
        for row in rows:
            producer.send("users_created", key=row["email"], value=row)
        producer.flush()
        return len(rows)

    @task
    def load(count: int) -> int:
        consumer = KafkaConsumer(
            "users_created",
            bootstrap_servers="kafka:9092",
            group_id="users-loader",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            value_deserializer=lambda value: json.loads(value.decode("utf-8")),
            consumer_timeout_ms=60_000,
        )
        rows = []
        for message in consumer:
            rows.append(message.value)
            if len(rows) >= count:
                break
        hook = PostgresHook(postgres_conn_id="postgres_default")
        hook.insert_rows(
            "users",
            [(r["email"], r["name"], r["city"], r["signed_up"]) for r in rows],
            target_fields=["email", "name", "city", "signed_up"],
            replace=True,
            replace_index="email",
        )
        consumer.commit()
        consumer.close()
        return len(rows)

    rows = clean(fetch())
    count = publish(rows)
    anything(rows) >> [count, nothing()]
    load(count)


users()
