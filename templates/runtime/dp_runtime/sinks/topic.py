from typing import Protocol

from confluent_kafka import TopicPartition

from ..fields import scalar_text
from ..json_value import Json, NoJson, json_bytes, name_of
from ..kafka.writer import KafkaWriter, Outgoing
from ..pipeline_file import TopicSink
from ..record import BadRecord, Item, Record, Tombstone


class TransactionSource(Protocol):
    """A source whose positions a transaction can keep."""

    def offsets(self, positions: dict[int, int]) -> list[TopicPartition]: ...

    def group_metadata(self) -> object: ...


class TopicWriter:
    """Writes records to a topic; nothing is sent before `commit`."""

    keeps_batches = True

    def __init__(
        self,
        sink: TopicSink,
        writer: KafkaWriter,
        *,
        compacted: bool,
        transaction: TransactionSource | None,
        copies: bool,
    ) -> None:
        """`copies`: nothing changes the records, so that their bytes are written as read."""
        self._sink = sink
        self._writer = writer
        self._compacted = compacted
        self._transaction = transaction
        self._copies = copies
        self._batch: list[Outgoing] = []
        self.keeps_positions = transaction is not None
        writer.open(sink.topic)

    def write(self, items: list[Item]) -> list[BadRecord]:
        self._batch = []
        bad: list[BadRecord] = []
        for item in items:
            try:
                self._batch.append(self._outgoing(item))
            except NoJson as error:
                value = dict(item) if isinstance(item, Record) else None
                bad.append(BadRecord(item.meta, str(error), value))
        return bad

    def commit(self, positions: dict[int, int]) -> None:
        for record in self._batch:
            self._writer.send(record)
        self._batch = []
        if self._transaction is None:
            self._writer.flush()
        else:
            self._writer.commit_transaction(
                self._transaction.offsets(positions), self._transaction.group_metadata()
            )

    def finish(self) -> None:
        """Does nothing: each batch is kept by its commit."""

    def close(self) -> None:
        self._writer.close()

    def _outgoing(self, item: Item) -> Outgoing:
        key = self._key(item)
        if key is None and self._compacted:
            raise NoJson(
                f"it has no key, and topic {self._sink.topic} is compacted: "
                "give the step's `to` a key"
            )
        return Outgoing(
            topic=self._sink.topic,
            key=key,
            value=self._value(item),
            headers=item.meta.headers_raw,
            timestamp=item.meta.timestamp,
        )

    def _value(self, item: Item) -> bytes | None:
        if self._copies and item.meta.value_raw is not None:
            return item.meta.value_raw
        return None if isinstance(item, Tombstone) else _json_of(item)

    def _key(self, item: Item) -> bytes | None:
        if self._sink.key is None or isinstance(item, Tombstone):
            if item.meta.batch_of > 1 and item.meta.topic is not None:
                raise NoJson(
                    "the transform returned a plain dict for a batch, so that its key is unknown: "
                    "return `record | {...}`, or give the step's `to` a key"
                )
            return item.meta.key_raw
        if item.get(self._sink.key) is None:
            raise NoJson(f"it has no field {self._sink.key}, which is the key")
        return _key_bytes(item[self._sink.key], self._sink.key)


def _json_of(record: Record) -> bytes:
    try:
        return json_bytes(record)
    except NoJson as error:
        raise NoJson(f"the record can't be written as JSON: {error}") from None


def _key_bytes(value: Json, field: str) -> bytes:
    if isinstance(value, (list, dict)):
        raise NoJson(f"its key {field} is {name_of(value)}, not a text or a number")
    try:
        return scalar_text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NoJson(f"its key {field} can't be written as UTF-8") from None
