from collections.abc import Sequence

import psycopg

from ..errors import StepError
from ..output import say
from ..pipeline_file import StoreSink
from ..postgres.apply import PgApply
from ..postgres.connect import connect, store_error
from ..postgres.rows import (
    META_COLUMNS,
    Change,
    bad,
    check_record,
    encoded,
    key_of,
    merged,
    new_columns,
    tombstone_fields,
    with_meta_columns,
)
from ..postgres.table import PgTable
from ..postgres.table_name import parse_table_name
from ..postgres.values import Misfit
from ..record import BadRecord, Item, Record, Tombstone


class PostgresWriter:
    """Writes records as rows: one transaction a batch, or one for the whole step."""

    keeps_positions = False

    def __init__(self, sink: StoreSink, url: str, *, from_topic: bool) -> None:
        self._sink = sink
        self._unique_key = sink.unique_key
        self._has_meta = bool(set(self._unique_key) & set(META_COLUMNS))
        self._label = f"{sink.store}.{sink.table}"
        if self._has_meta and not from_topic:
            raise StepError(
                f"{self._label}: the unique key ({', '.join(self._unique_key)}) needs a topic "
                "to read from"
            )
        self.keeps_batches = sink.mode == "upsert" or (sink.mode == "append" and from_topic)
        self._target = parse_table_name(sink.table)
        self._replaces = sink.mode == "replace"
        self._connection = connect(sink.store, url)
        name = self._target.under_way if self._replaces else self._target
        self._table = PgTable(self._connection, name, self._unique_key, self._label)
        self._apply = PgApply(self._connection, self._table, self._unique_key)
        self._only_nulls: set[str] = set()
        self._idle_tombstones = 0
        self._in_transaction = False
        self._open_table()

    def write(self, items: list[Item]) -> list[BadRecord]:
        if not items:
            return []
        try:
            self._begin()
            return self._write(items)
        except psycopg.Error as error:
            raise store_error(f"can't write to {self._label}", error) from None

    def commit(self, positions: dict[int, int]) -> None:  # noqa: ARG002
        if self.keeps_batches:
            self._end_transaction()

    def finish(self) -> None:
        """Adds the columns that only showed nulls, and keeps what is not kept yet."""
        try:
            left = [name for name in self._only_nulls if name not in self._table.columns]
            if (left and self._table.exists) or self._replaces:
                self._begin()
            if left and self._table.exists:
                self._table.add(dict.fromkeys(left, "text"))
            if self._replaces:
                self._apply.swap(self._target)
        except psycopg.Error as error:
            raise store_error(f"can't write to {self._label}", error) from None
        self._end_transaction()
        if self._idle_tombstones > 0:
            say(f"{self._idle_tombstones} tombstones have no row in {self._label}")

    def close(self) -> None:
        self._connection.close()

    def _open_table(self) -> None:
        try:
            if self._replaces:
                self._begin()
                self._apply.drop()
            self._table.look()
        except psycopg.Error as error:
            raise store_error(f"can't read table {self._label}", error) from None

    def _write(self, items: list[Item]) -> list[BadRecord]:
        refused: list[BadRecord] = []
        usable = [
            prepared for item in items if (prepared := self._prepared(item, refused)) is not None
        ]
        self._grow([item for item in usable if isinstance(item, Record)])
        changes: list[Change] = []
        for item in usable:
            try:
                change = self._change(item)
                if change is not None:
                    changes.append(change)
            except Misfit as error:
                refused.append(bad(item, error))
        if self._unique_key:
            changes = merged(changes)
        refused.extend(self._apply.apply(changes))
        return refused

    def _prepared(self, item: Item, refused: list[BadRecord]) -> Item | None:
        """Returns what is to be written; None, and a refusal more, for what can be no row."""
        if isinstance(item, Tombstone):
            return item
        try:
            record = with_meta_columns(item) if self._has_meta else item
            check_record(record, self._table.columns.keys(), self._unique_key)
        except Misfit as error:
            refused.append(bad(item, error))
            return None
        return record

    def _grow(self, records: Sequence[Record]) -> None:
        wanted = new_columns(records, self._table.columns)
        types = {name: type_text for name, type_text in wanted.items() if type_text is not None}
        self._only_nulls.update(wanted.keys() - types.keys())
        if not types and not self._table.exists:
            types = dict.fromkeys(wanted, "text")
        if types:
            self._table.add(types)

    def _change(self, item: Item) -> Change | None:
        if isinstance(item, Tombstone):
            return self._deletion(item)
        fields = encoded(item, self._table.columns, self._label)
        key = key_of(fields, self._unique_key) if self._unique_key else ()
        return Change(item.meta, key, delete=False, fields=fields)

    def _deletion(self, tombstone: Tombstone) -> Change | None:
        if not self._unique_key or self._has_meta:
            self._idle_tombstones += 1
            return None
        if not self._table.exists:
            return None
        fields = tombstone_fields(tombstone, self._unique_key, self._table.columns)
        return Change(tombstone.meta, key_of(fields, self._unique_key), delete=True, fields=None)

    def _begin(self) -> None:
        if not self._in_transaction:
            self._connection.execute("begin")
            self._in_transaction = True

    def _end_transaction(self) -> None:
        if not self._in_transaction:
            return
        try:
            self._connection.execute("commit")
        except psycopg.Error as error:
            raise store_error(f"can't write to {self._label}", error) from None
        self._in_transaction = False
        self._apply.on_commit()
