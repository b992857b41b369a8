import itertools
import json
import os
import random
import time

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","),
    value_serializer=lambda value: json.dumps(value).encode("utf-8"),
)

for click_id in itertools.count(1):
    # Page 6 does not exist: its clicks are dead letters.
    page = random.randint(1, 6)
    producer.send("clicks", key=str(page).encode(), value={"id": click_id, "page": page})
    if click_id % 100 == 0:
        producer.flush()
        print(f"sent {click_id}")
    time.sleep(0.01)
