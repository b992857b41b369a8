from collections.abc import Iterable
from typing import NamedTuple

import psycopg
from psycopg import sql

from ..errors import StepError
from .connect import store_error
from .table_name import TableName
from .values import Encoder, encoder_of

# Tells dp's locks on tables from other advisory locks of a database.
_LOCK_CLASS = 0x6470


class Column(NamedTuple):
    """`type_text` is the type as the table declares it."""

    type_text: str
    encode: Encoder

    @property
    def holds_text(self) -> bool:
        return self.type_text.startswith(("text", "character"))


class PgTable:
    """A table whose columns grow with the records that are written to it."""

    def __init__(
        self,
        connection: psycopg.Connection,
        name: TableName,
        unique_key: tuple[str, ...],
        label: str,
    ) -> None:
        self._connection = connection
        self._unique_key = unique_key
        self.name = name
        self.label = label
        self.columns: dict[str, Column] = {}
        self.exists = False

    def look(self) -> None:
        """Reads the columns as they are; an existing table gets the index that upsert needs."""
        self._read()
        if self.exists and self._unique_key and not self._has_unique_index():
            self._make_unique_index()

    def add(self, types: dict[str, str]) -> None:
        """Makes the table, or adds columns to it, within the open transaction."""
        self._execute(
            sql.SQL("select pg_advisory_xact_lock({}, hashtext({}))").format(
                _LOCK_CLASS, self.name.text
            )
        )
        self._read()
        missing = {name: types[name] for name in types if name not in self.columns}
        if self.exists:
            self._add_columns(missing)
        else:
            self._create(missing)
        self._read()

    def _create(self, types: dict[str, str]) -> None:
        if self.name.schema is not None:
            self._execute(
                sql.SQL("create schema if not exists {}").format(sql.Identifier(self.name.schema))
            )
        parts = [_declared(name, type_text) for name, type_text in types.items()]
        if self._unique_key:
            parts.append(sql.SQL("primary key ({})").format(identifiers(self._unique_key)))
        self._execute(
            sql.SQL("create table {} ({})").format(self.name.identifier, sql.SQL(", ").join(parts))
        )

    def _add_columns(self, types: dict[str, str]) -> None:
        if types:
            added = [
                sql.SQL("add column ") + _declared(name, type_text)
                for name, type_text in types.items()
            ]
            self._execute(
                sql.SQL("alter table {} {}").format(self.name.identifier, sql.SQL(", ").join(added))
            )

    def _read(self) -> None:
        rows = self._connection.execute(
            "select attname, format_type(atttypid, atttypmod), typname"
            " from pg_attribute join pg_type on pg_type.oid = atttypid"
            " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " order by attnum",
            [self.name.identifier.as_string(None)],
        ).fetchall()
        self.columns = {
            name: Column(type_text, encoder_of(type_name)) for name, type_text, type_name in rows
        }
        found = self._connection.execute(
            "select to_regclass(%s) is not null", [self.name.identifier.as_string(None)]
        ).fetchone()
        self.exists = found is not None and bool(found[0])

    def _has_unique_index(self) -> bool:
        rows = self._connection.execute(
            "select array_agg(attname::text) from pg_index"
            " join pg_attribute on attrelid = indrelid and attnum = any(indkey)"
            " where indrelid = to_regclass(%s) and indisunique and indisvalid"
            " and indpred is null and indexprs is null and indnkeyatts = indnatts"
            " group by indexrelid",
            [self.name.identifier.as_string(None)],
        ).fetchall()
        return any(set(names) == set(self._unique_key) for (names,) in rows)

    def _make_unique_index(self) -> None:
        key = ", ".join(self._unique_key)
        missing = [name for name in self._unique_key if name not in self.columns]
        if missing:
            raise StepError(
                f"table {self.label} has no column {', '.join(missing)}, "
                f"which the unique key ({key}) needs"
            )
        try:
            self._connection.execute(
                sql.SQL("create unique index on {} ({})").format(
                    self.name.identifier, identifiers(self._unique_key)
                )
            )
        except psycopg.errors.UniqueViolation as error:
            raise StepError(
                f"table {self.label} already has rows with the same unique key ({key})",
                why=error.diag.message_detail,
                next_step="delete the doubles, or give another unique_key",
            ) from None
        except psycopg.Error as error:
            raise store_error(f"can't make a unique index on {self.label} ({key})", error) from None

    def _execute(self, statement: sql.Composed) -> None:
        try:
            self._connection.execute(statement)
        except psycopg.Error as error:
            raise store_error(f"can't change table {self.label}", error) from None


def identifiers(names: Iterable[str]) -> sql.Composed:
    """Returns the names as SQL, quoted and with commas between."""
    return sql.SQL(", ").join([sql.Identifier(name) for name in names])


def _declared(name: str, type_text: str) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_TYPES[type_text]))


# The types that columns are made with; a map, so that no other text becomes SQL.
_TYPES = {
    "boolean": "boolean",
    "bigint": "bigint",
    "numeric": "numeric",
    "double precision": "double precision",
    "text": "text",
    "jsonb": "jsonb",
}
