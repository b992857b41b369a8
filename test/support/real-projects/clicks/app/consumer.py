import json
import os

import psycopg2
import redis
from kafka import KafkaConsumer, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
database = psycopg2.connect(os.environ["DATABASE_DSN"])
counters = redis.Redis(host=os.environ["REDIS_HOST"], port=6379)
dead_letters = KafkaProducer(bootstrap_servers=servers)
consumer = KafkaConsumer(
    "clicks",
    bootstrap_servers=servers,
    group_id="clicks",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)

with database.cursor() as cursor:
    cursor.execute("select id, title from pages")
    titles = dict(cursor.fetchall())

print("consuming")
for message in consumer:
    click = json.loads(message.value)
    title = titles.get(click["page"])
    if not title:
        dead_letters.send("clicks_dead", value=message.value)
        counters.incr("clicks:dead")
        continue
    with database, database.cursor() as cursor:
        cursor.execute(
            "insert into clicks (click_id, page_title) values (%s, %s) on conflict do nothing",
            (click["id"], title),
        )
    counters.incr(f"clicks:{click['page']}")
    consumer.commit()
