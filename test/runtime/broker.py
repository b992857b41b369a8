"""Topics of a real broker: made, filled and read."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic


class Stored(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    timestamp: int
    partition: int

    @property
    def json(self) -> object:
        return None if self.value is None else json.loads(self.value)


class Broker:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        self._made: list[str] = []

    def make_topic(self, *, partitions: int = 1, compacted: bool = False) -> str:
        name = f"rt.{uuid.uuid4().hex[:12]}"
        config = {"cleanup.policy": "compact"} if compacted else {}
        topic = NewTopic(name, partitions, 1, config=config)
        self._admin.create_topics([topic])[name].result(30)
        self._made.append(name)
        return name

    def close(self) -> None:
        if self._made:
            for done in self._admin.delete_topics(self._made).values():
                done.result(30)

    def produce(
        self,
        topic: str,
        values: list[object],
        *,
        key: str | None = None,
        headers: dict[str, bytes] | None = None,
        timestamp: int = 0,
        partition: int = -1,
    ) -> None:
        """Writes values: None and bytes as they are, all else as JSON; `key` names a field."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 5})
        for value in values:
            of_field = str(value[key]).encode() if key and isinstance(value, dict) else None
            body = (
                value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
            )
            while True:
                try:
                    producer.produce(
                        topic,
                        body,
                        of_field,
                        headers=list((headers or {}).items()),
                        timestamp=timestamp,
                        partition=partition,
                    )
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        assert producer.flush(30) == 0

    def tombstone(self, topic: str, key: bytes | None) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap})
        producer.produce(topic, None, key)
        assert producer.flush(30) == 0

    def transaction(self, topic: str, values: list[object], *, commit: bool) -> None:
        producer = self._begin(topic, values)
        if commit:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)

    @contextmanager
    def open_transaction(self, topic: str, values: list[object]) -> Iterator[None]:
        """Writes values in a transaction that is committed at the end of the block."""
        producer = self._begin(topic, values)
        yield
        producer.commit_transaction(30)

    def _begin(self, topic: str, values: list[object]) -> Producer:
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "transactional.id": f"t.{uuid.uuid4().hex}"}
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, json.dumps(value).encode())
        assert producer.flush(30) == 0
        return producer

    def commit(self, group: str, topic: str, offset: int) -> None:
        """Moves a group to an offset of partition 0, as `dp group reset` does."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group})
        consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
        consumer.close()

    def read(self, topic: str) -> list[Stored]:
        """Returns all committed records, partition by partition."""
        consumer = self._consumer("rt.reader")
        partitions = self._partitions(consumer, topic)
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        open_partitions = set(partitions)
        found: list[Stored] = []
        while open_partitions:
            for message in consumer.consume(10_000, 0.2):
                error = message.error()
                if error is None:
                    found.append(_stored(message))
                else:
                    assert error.code() == KafkaError._PARTITION_EOF, error
                    open_partitions.discard(message.partition() or 0)
        consumer.close()
        return sorted(found, key=lambda record: record.partition)

    def positions(self, topic: str, group: str) -> dict[int, int]:
        consumer = self._consumer(group)
        partitions = [TopicPartition(topic, number) for number in self._partitions(consumer, topic)]
        committed = consumer.committed(partitions, timeout=10)
        consumer.close()
        return {each.partition: each.offset for each in committed}

    def _partitions(self, consumer: Consumer, topic: str) -> list[int]:
        return sorted(consumer.list_topics(topic, timeout=10).topics[topic].partitions)

    def _consumer(self, group: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 20,
            }
        )


def _stored(message: Message) -> Stored:
    headers = message.headers() or []
    assert isinstance(headers, list)
    return Stored(
        key=message.key(),
        value=message.value(),
        headers={name: value for name, value in headers if isinstance(value, bytes)},
        timestamp=message.timestamp()[1],
        partition=message.partition() or 0,
    )
