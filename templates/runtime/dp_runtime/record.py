from collections.abc import Sequence
from typing import NamedTuple, Self, TypeAlias

from .json_value import Json

RawHeaders: TypeAlias = Sequence[tuple[str, str | bytes | None]]


class Meta:
    """Where a record comes from, and what it had beside its value."""

    __slots__ = (
        "batch_of",
        "headers_raw",
        "key_raw",
        "offset",
        "partition",
        "source",
        "timestamp",
        "topic",
        "value_raw",
    )

    def __init__(
        self,
        *,
        source: str,
        offset: int,
        topic: str | None = None,
        partition: int | None = None,
        key_raw: bytes | None = None,
        headers_raw: RawHeaders = (),
        timestamp: int | None = None,
        value_raw: bytes | None = None,
        batch_of: int = 1,
    ) -> None:
        self.source = source
        self.offset = offset
        self.topic = topic
        self.partition = partition
        self.key_raw = key_raw
        self.headers_raw = headers_raw
        self.timestamp = timestamp
        self.value_raw = value_raw
        self.batch_of = batch_of

    @property
    def key(self) -> str | bytes | None:
        """The record's key: text when it is UTF-8."""
        return _text_or_bytes(self.key_raw)

    @property
    def headers(self) -> dict[str, str | bytes | None]:
        """The record's headers, each as text when it is UTF-8; the last of a name counts."""
        return {name: _text_or_bytes(value) for name, value in self.headers_raw}

    @property
    def place(self) -> str:
        """`topic:partition:offset`, or the source and the number of the record in it, from 1."""
        one_of = f" (one of the {self.batch_of} from there)" if self.batch_of > 1 else ""
        if self.topic is None:
            return f"{self.source}#{self.offset}{one_of}"
        return f"{self.topic}:{self.partition}:{self.offset}{one_of}"

    def of_batch(self, size: int) -> "Meta":
        """Returns what is known of a record that was made of a whole batch that begins here."""
        return Meta(
            source=self.source,
            topic=self.topic,
            partition=self.partition,
            offset=self.offset,
            batch_of=size,
        )


def _text_or_bytes(value: str | bytes | None) -> str | bytes | None:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


class Record(dict[str, Json]):
    """A record's value, with `meta` beside it."""

    __slots__ = ("meta",)

    meta: Meta

    @classmethod
    def of(cls, value: dict[str, Json], meta: Meta) -> Self:
        record = cls(value)
        record.meta = meta
        return record

    def copy(self) -> "Record":
        return Record.of(self, self.meta)

    def __or__(self, other: dict[str, Json]) -> "Record":  # type: ignore[override]
        return Record.of({**self, **other}, self.meta)


class Tombstone:
    """A record of a topic without a value: its key is to be deleted."""

    __slots__ = ("meta",)

    def __init__(self, meta: Meta) -> None:
        self.meta = meta


Item: TypeAlias = Record | Tombstone


class BadRecord(NamedTuple):
    """A record that can't be taken, and why."""

    meta: Meta
    error: str
    value: object = None
    trace: Sequence[str] = ()


class Batch(NamedTuple):
    """What is read at once. `positions`: partition → the offset that follows what was read."""

    items: list[Item]
    bad: list[BadRecord]
    positions: dict[int, int]


def before_bad(items: list[Item], bad: list[BadRecord], positions: dict[int, int]) -> Batch | None:
    """Returns what of a topic's batch comes before its bad records, with the positions of these.

    None for records that have no position of their own: they come from elsewhere, or were made of a
    whole batch.
    """
    metas = [each.meta for each in (*items, *bad)]
    if any(meta.partition is None or meta.batch_of > 1 for meta in metas):
        return None
    stops = dict(positions)
    for record in bad:
        partition = record.meta.partition
        if partition is not None:
            stops[partition] = min(stops[partition], record.meta.offset)
    kept = [item for item in items if _is_before(item.meta, stops)]
    return Batch(kept, [], stops)


def _is_before(meta: Meta, stops: dict[int, int]) -> bool:
    return meta.partition is not None and meta.offset < stops[meta.partition]
