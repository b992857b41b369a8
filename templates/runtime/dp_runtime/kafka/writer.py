import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from ..errors import StepError
from ..record import RawHeaders
from .connection import REQUEST_TIMEOUT, Connection, error_of, partitions_of

# Seconds in which a record must be acknowledged.
_DELIVERY = 30.0
_TRANSACTION_TRIES = 5


class Outgoing(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes | None
    headers: RawHeaders = ()
    timestamp: int | None = None


class KafkaWriter:
    """Sends records, all acknowledged by all replicas; in transactions when it has an id."""

    def __init__(self, bootstrap: str, transactional_id: str | None = None) -> None:
        self._connection = Connection(bootstrap)
        self._transactional_id = transactional_id
        self._in_transaction = False
        self._failed: KafkaError | None = None
        self._known_topics: set[str] = set()
        self._producer = Producer(self._settings())

    def open(self, topic: str) -> None:
        """Returns when the topic is known to be there."""
        partitions_of(self._producer, self._connection, topic)
        if self._transactional_id is not None and not self._known_topics:
            self._try_transaction(lambda: self._producer.init_transactions(_DELIVERY))
        self._known_topics.add(topic)

    def send(self, record: Outgoing) -> None:
        if self._transactional_id is not None and not self._in_transaction:
            self._begin()
        headers = list(record.headers) or None
        while True:
            try:
                self._producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    headers=headers,
                    # 0 is the time of sending.
                    timestamp=record.timestamp or 0,
                )
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                raise self._not_written(record.topic, error) from None

    def send_dead_letter(
        self, *, topic: str, key: bytes | None, value: bytes | None, headers: RawHeaders
    ) -> None:
        if topic not in self._known_topics:
            self.open(topic)
        self.send(Outgoing(topic, key, value, headers))

    def flush(self) -> None:
        """Returns when all that was sent is acknowledged; StepError when something was not."""
        deadline = time.monotonic() + _DELIVERY + REQUEST_TIMEOUT
        while self._producer.flush(1.0) > 0 and time.monotonic() < deadline:
            pass
        if self._failed is not None:
            raise self._not_written(", ".join(self._known_topics), KafkaException(self._failed))
        if len(self._producer) > 0:
            raise self._connection.error("Kafka did not acknowledge all records")

    def commit_transaction(self, offsets: list[TopicPartition], group: object) -> None:
        """Keeps what was sent and the positions that it was made of, both or neither."""
        if not self._in_transaction:
            self._begin()
        self.flush()
        self._try_transaction(
            lambda: self._producer.send_offsets_to_transaction(offsets, group, REQUEST_TIMEOUT)
        )
        self._try_transaction(lambda: self._producer.commit_transaction(_DELIVERY))
        self._in_transaction = False

    def close(self) -> None:
        """Gives up what was not flushed or committed."""
        if self._in_transaction:
            # When it fails, the next run with the same id aborts it.
            with suppress(KafkaException):
                self._producer.abort_transaction(REQUEST_TIMEOUT)
        self._producer.purge()
        self._producer.flush(0)

    def _settings(self) -> dict[str, object]:
        settings: dict[str, object] = {
            **self._connection.settings(),
            "enable.idempotence": True,
            "acks": "all",
            "delivery.timeout.ms": int(_DELIVERY * 1000),
            "delivery.report.only.error": True,
            "on_delivery": self._on_failure,
            # The partitioner of Kafka's Java clients, so that a key has one partition for all.
            "partitioner": "murmur2_random",
        }
        if self._transactional_id is not None:
            settings["transactional.id"] = self._transactional_id
        return settings

    def _begin(self) -> None:
        self._try_transaction(self._producer.begin_transaction)
        self._in_transaction = True

    def _try_transaction(self, call: Callable[[], None]) -> None:
        for left in reversed(range(_TRANSACTION_TRIES)):
            try:
                call()
                return
            except KafkaException as error:
                kafka_error = error_of(error)
                if left > 0 and kafka_error is not None and kafka_error.retriable():
                    continue
                raise self._connection.error(
                    f"the transaction {self._transactional_id} failed", error
                ) from None

    def _on_failure(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = self._failed or error

    def _not_written(self, topic: str, error: KafkaException) -> StepError:
        return self._connection.error(f"can't write to topic {topic}", error)
