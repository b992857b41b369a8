from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from ..json_value import Json, NoJson, is_number, json_text, parse_json
from ..record import BadRecord, Item, Meta, Record, Tombstone
from .table import Column
from .values import NULL, Misfit, column_type, joined_type

META_COLUMNS = ("_topic", "_partition", "_offset")
_LONGEST_NAME = 63
_SHOWN_VALUE = 80

# Column → its value as COPY wants it.
Fields: TypeAlias = dict[str, str]


class Change(NamedTuple):
    """What happens to one row: it goes when `delete`, then it gets `fields` (none: stays away)."""

    meta: Meta
    key: tuple[str, ...]
    delete: bool
    fields: Fields | None


def with_meta_columns(record: Record) -> Record:
    """Returns the record with the fields that say where it comes from."""
    meta = record.meta
    if meta.batch_of > 1:
        raise Misfit(
            "the transform returned a plain dict for a batch, so that its place is unknown"
        )
    return Record.of(
        {**record, "_topic": meta.topic, "_partition": meta.partition, "_offset": meta.offset},
        meta,
    )


def new_columns(records: Sequence[Record], known: Iterable[str]) -> dict[str, str | None]:
    """Returns the columns that the records need and the table lacks: name → type.

    None is the type of a column that has only shown nulls.
    """
    missing = set[str]().union(*records).difference(known)
    if not missing:
        return {}
    types: dict[str, str | None] = {}
    for record in records:
        for name in record:
            if name in missing:
                types[name] = _joined(types.get(name), column_type(record[name]))
    return types


def check_record(record: Record, known: Iterable[str], unique_key: tuple[str, ...]) -> None:
    """Raises Misfit when the record lacks the unique key, or has a field that no column can be."""
    for name in unique_key:
        if record.get(name) is None:
            raise Misfit(f"it has no {name}, which is part of the unique key")
    for name in record.keys() - known:
        if not name or "\0" in name:
            raise Misfit(f"a field is called {name!r}, which no column can be")
        if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
            raise Misfit(f"field {name} has a longer name than the 63 bytes of a column")
        column_type(record[name])


def encoded(record: Record, columns: dict[str, Column], table: str) -> Fields:
    """Returns the record's fields for COPY; Misfit names the column that can't hold its value."""
    fields: Fields = {}
    for name, value in record.items():
        column = columns.get(name)
        if column is None:
            continue
        if value is None:
            fields[name] = NULL
            continue
        try:
            fields[name] = column.encode(value)
        except Misfit as error:
            raise Misfit(
                f"{table}: column {name} ({column.type_text}) can't hold {_shown(value)}: {error}"
            ) from None
    if not fields:
        raise Misfit(f"{table}: the record has no fields")
    return fields


def key_of(fields: Fields, unique_key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([fields[name] for name in unique_key])


def tombstone_fields(
    tombstone: Tombstone, unique_key: tuple[str, ...], columns: dict[str, Column]
) -> Fields:
    """Returns the unique key that a tombstone's key stands for."""
    key = tombstone.meta.key_raw
    if key is None:
        raise Misfit("a tombstone without a key: nothing tells the row that it deletes")
    parsed = _parsed_key(key, unique_key)
    if parsed is None:
        names = ", ".join(unique_key)
        raise Misfit(f"a tombstone whose key is no JSON object with {names}")
    fields: Fields = {}
    for name in unique_key:
        value = parsed[name]
        # A bare key is the text of a text column: `4e10` is no number there.
        if is_number(value) and columns[name].holds_text and not key.startswith(b"{"):
            value = key.decode("utf-8")
        try:
            fields[name] = columns[name].encode(value)
        except Misfit as error:
            raise Misfit(f"a tombstone whose key does not fit column {name}: {error}") from None
    return fields


def merged(changes: Iterable[Change]) -> list[Change]:
    """Returns one change a row: later fields win, and a row that was deleted begins afresh."""
    rows: dict[tuple[str, ...], Change] = {}
    for change in changes:
        before = rows.get(change.key)
        rows[change.key] = change if before is None else _after(before, change)
    return list(rows.values())


def bad(item: Item, error: Misfit) -> BadRecord:
    return BadRecord(item.meta, str(error), dict(item) if isinstance(item, Record) else None)


def _after(before: Change, change: Change) -> Change:
    if change.delete:
        return change
    return Change(
        meta=change.meta,
        key=change.key,
        delete=before.delete,
        fields={**(before.fields or {}), **(change.fields or {})},
    )


def _joined(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return joined_type(one, other)


def _parsed_key(key: bytes, unique_key: tuple[str, ...]) -> dict[str, Json] | None:
    try:
        value = parse_json(key, exact=True)
    except NoJson:
        value = key.decode("utf-8", "replace")
    if isinstance(value, dict):
        return value if all(value.get(name) is not None for name in unique_key) else None
    if len(unique_key) > 1 or value is None:
        return None
    return {unique_key[0]: value}


def _shown(value: Json) -> str:
    try:
        text = repr(value) if isinstance(value, str) else json_text(value)
    except NoJson:
        text = repr(value)
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"
