import time
from collections.abc import Generator

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ..json_value import NoJson, parse_object
from ..kafka.connection import REQUEST_TIMEOUT, Connection, partitions_of
from ..output import say
from ..record import BadRecord, Batch, Meta, Record, Tombstone

# Seconds without any sign of a broker after which reading is given up.
_SILENCE = 60.0
_POLL = 0.2


class TopicReader:
    """Reads a topic from the group's positions up to the end that it had at the beginning."""

    def __init__(
        self, *, bootstrap: str, topic: str, group: str, from_earliest: bool, exact: bool
    ) -> None:
        self._connection = Connection(bootstrap)
        self._topic = topic
        self._group = group
        self._from_earliest = from_earliest
        self._exact = exact
        self._open: set[int] = set()
        self._ends: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._consumer = Consumer(
            {
                **self._connection.settings(),
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                # The end of a partition is told after such a wait.
                "fetch.wait.max.ms": 20,
                # Bounds the memory; the back-off of a full queue is a second unless told.
                "queued.max.messages.kbytes": 8192,
                "fetch.queue.backoff.ms": 5,
            }
        )

    def batches(self, size: int) -> Generator[Batch, None, None]:
        starts, ends = self._range()
        self._open = {number for number, start in starts.items() if start < ends[number]}
        self._ends = ends
        self._positions = starts
        self._consumer.assign(
            [TopicPartition(self._topic, number, starts[number]) for number in sorted(self._open)]
        )
        while self._open:
            messages = self._next_messages(size)
            yield self._batch(messages)

    def commit(self, positions: dict[int, int]) -> None:
        try:
            self._consumer.commit(offsets=self.offsets(positions), asynchronous=False)
        except KafkaException as error:
            raise self._connection.error(
                f"can't keep the position of group {self._group} in topic {self._topic}", error
            ) from None

    def offsets(self, positions: dict[int, int]) -> list[TopicPartition]:
        return [
            TopicPartition(self._topic, partition, offset)
            for partition, offset in positions.items()
        ]

    def group_metadata(self) -> object:
        """Returns what a transaction needs to keep positions of this group."""
        return self._consumer.consumer_group_metadata()

    def close(self) -> None:
        self._consumer.close()

    def _range(self) -> tuple[dict[int, int], dict[int, int]]:
        numbers = partitions_of(self._consumer, self._connection, self._topic)
        partitions = [TopicPartition(self._topic, number) for number in numbers]
        try:
            committed = self._consumer.committed(partitions, timeout=REQUEST_TIMEOUT)
            limits = {
                each.partition: self._consumer.get_watermark_offsets(each, timeout=REQUEST_TIMEOUT)
                for each in partitions
            }
        except KafkaException as error:
            raise self._connection.error(
                f"can't read the positions of topic {self._topic}", error
            ) from None
        starts = {
            each.partition: self._start(each.partition, each.offset, limits[each.partition])
            for each in committed
        }
        return starts, {number: high for number, (_low, high) in limits.items()}

    def _start(self, partition: int, committed: int, limits: tuple[int, int]) -> int:
        low, high = limits
        if self._from_earliest or committed < 0:
            return low
        if low <= committed <= high:
            return committed
        say(
            f"{self._topic}:{partition}: group {self._group} stands at {committed}, "
            f"but the records there are {low} to {high}: goes on from {low}"
        )
        return low

    def _next_messages(self, size: int) -> list[Message]:
        """Returns `size` records, or fewer when the ends come before."""
        messages: list[Message] = []
        heard = time.monotonic()
        while self._open and len(messages) < size:
            got = self._consumer.consume(self._wanted(size - len(messages)), _POLL)
            messages.extend(message for message in got if self._advance(message))
            if got:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE:
                raise self._connection.error(
                    f"topic {self._topic} gave nothing for {_SILENCE:.0f} s"
                )
        return messages

    def _wanted(self, room: int) -> int:
        """Returns how many to ask for at once: waiting for more than there are takes time."""
        left = sum(self._ends[number] - self._positions[number] for number in self._open)
        return max(1, min(room, left))

    def _advance(self, message: Message) -> bool:
        """Moves the position behind what was read, and returns whether it is a record to take."""
        error = message.error()
        partition, offset = message.partition(), message.offset()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise self._connection.error(f"can't read topic {self._topic}", KafkaException(error))
        if partition not in self._open or offset is None:
            return False
        if error is not None:
            self._positions[partition] = max(offset, self._positions[partition])
            self._close_partition(partition)
            return False
        if offset >= self._ends[partition]:
            self._positions[partition] = self._ends[partition]
            self._close_partition(partition)
            return False
        self._positions[partition] = offset + 1
        if offset + 1 >= self._ends[partition]:
            self._close_partition(partition)
        return True

    def _close_partition(self, partition: int) -> None:
        self._open.discard(partition)
        self._consumer.pause([TopicPartition(self._topic, partition)])

    def _batch(self, messages: list[Message]) -> Batch:
        batch = Batch([], [], dict(self._positions))
        for message in messages:
            self._add(batch, message)
        return batch

    def _add(self, batch: Batch, message: Message) -> None:
        value = message.value()
        headers = message.headers()
        meta = Meta(
            source=self._topic,
            topic=self._topic,
            partition=message.partition(),
            offset=message.offset() or 0,
            key_raw=message.key(),
            headers_raw=headers if isinstance(headers, list) else (),
            timestamp=message.timestamp()[1],
            value_raw=value,
        )
        if not value:
            batch.items.append(Tombstone(meta))
            return
        try:
            batch.items.append(Record.of(parse_object(value, exact=self._exact), meta))
        except NoJson as error:
            batch.bad.append(BadRecord(meta, f"the value is {error}"))
