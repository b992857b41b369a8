from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql

from ..record import BadRecord
from .connect import store_error
from .rows import Change
from .table import PgTable, identifiers
from .table_name import TableName

# What Postgres says of a value or a row, not of the statement or of itself.
_REFUSALS = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.CardinalityViolation)
# Each set of fields has its own temporary table.
_MOST_STAGES = 100


class PgApply:
    """Applies changes to a table within the open transaction."""

    def __init__(
        self, connection: psycopg.Connection, table: PgTable, unique_key: tuple[str, ...]
    ) -> None:
        self._connection = connection
        self._table = table
        self._unique_key = unique_key
        self._stages: dict[tuple[str, ...], str] = {}
        self._stages_made = 0
        self._filled: set[str] = set()
        self._orders: dict[tuple[str, ...], tuple[str, ...]] = {}

    def apply(self, changes: Sequence[Change]) -> list[BadRecord]:
        """Returns the records that Postgres refused; all others are written."""
        if not changes:
            return []
        self._make_stages(changes)
        self._connection.execute("savepoint dp_batch")
        try:
            self._apply_all(changes)
        except _REFUSALS:
            self._connection.execute("rollback to savepoint dp_batch")
            return [bad for change in changes for bad in self._apply_one(change)]
        self._connection.execute("release savepoint dp_batch")
        return []

    def on_commit(self) -> None:
        """The end of a transaction empties the temporary tables."""
        self._filled.clear()

    def drop(self) -> None:
        self._connection.execute(
            sql.SQL("drop table if exists {}").format(self._table.name.identifier)
        )

    def swap(self, target: TableName) -> None:
        """Puts the table in the place of `target`; without a table, `target` is emptied."""
        if not self._table.exists:
            self._empty(target)
            return
        try:
            self._connection.execute(sql.SQL("drop table if exists {}").format(target.identifier))
        except psycopg.errors.DependentObjectsStillExist as error:
            raise store_error(f"can't replace table {target.text}", error) from None
        self._connection.execute(
            sql.SQL("alter table {} rename to {}").format(
                self._table.name.identifier, sql.Identifier(target.name)
            )
        )

    def _empty(self, target: TableName) -> None:
        found = self._connection.execute(
            "select to_regclass(%s) is not null", [target.identifier.as_string(None)]
        ).fetchone()
        if found is not None and found[0]:
            self._connection.execute(sql.SQL("delete from {}").format(target.identifier))

    def _apply_one(self, change: Change) -> list[BadRecord]:
        self._connection.execute("savepoint dp_row")
        try:
            self._apply_all([change])
        except _REFUSALS as error:
            self._connection.execute("rollback to savepoint dp_row")
            return [self._bad(change, error)]
        self._connection.execute("release savepoint dp_row")
        return []

    def _bad(self, change: Change, error: psycopg.Error) -> BadRecord:
        failure = store_error(self._table.label, error)
        # The context names line and column of what COPY was given.
        context = (error.diag.context or "").partition("column ")[2]
        column, _, value = context.partition(": ")
        of_column = f": column {column}" if column in self._table.columns else ""
        type_text = f" ({self._table.columns[column].type_text})" if of_column else ""
        shown = f" can't hold {value}" if of_column and value else ""
        return BadRecord(
            change.meta, f"{failure.message}{of_column}{type_text}{shown}: {failure.why}"
        )

    def _apply_all(self, changes: Sequence[Change]) -> None:
        deleted = [change.key for change in changes if change.delete]
        if deleted:
            self._delete(deleted)
        for columns, rows in self._grouped(changes).items():
            self._insert(columns, rows)

    def _grouped(self, changes: Iterable[Change]) -> dict[tuple[str, ...], list[str]]:
        """Returns the rows as lines for COPY, by the columns that they have."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for change in changes:
            if change.fields is not None:
                columns = self._order(tuple(change.fields))
                line = "\t".join([change.fields[name] for name in columns])
                groups.setdefault(columns, []).append(line)
        return groups

    def _order(self, names: tuple[str, ...]) -> tuple[str, ...]:
        order = self._orders.get(names)
        if order is None:
            order = self._orders[names] = tuple(sorted(names))
        return order

    def _insert(self, columns: tuple[str, ...], lines: list[str]) -> None:
        if not self._unique_key:
            self._copy(self._table.name.identifier, columns, lines)
            return
        stage = self._stages[columns]
        self._fill(stage, columns, lines)
        self._connection.execute(self._upsert(stage, columns))

    def _upsert(self, stage: str, columns: tuple[str, ...]) -> sql.Composed:
        others = [
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
            for name in columns
            if name not in self._unique_key
        ]
        action = (
            sql.SQL("update set {}").format(sql.SQL(", ").join(others))
            if others
            else sql.SQL("nothing")
        )
        return sql.SQL(
            "insert into {table} ({columns}) select {columns} from {stage}"
            " on conflict ({key}) do {action}"
        ).format(
            table=self._table.name.identifier,
            columns=identifiers(columns),
            stage=sql.Identifier(stage),
            key=identifiers(self._unique_key),
            action=action,
        )

    def _delete(self, keys: list[tuple[str, ...]]) -> None:
        stage = self._stages[self._unique_key]
        self._fill(stage, self._unique_key, ["\t".join(key) for key in keys])
        same = [
            sql.SQL("dp_row.{0} = dp_key.{0}").format(sql.Identifier(name))
            for name in self._unique_key
        ]
        self._connection.execute(
            sql.SQL("delete from {} as dp_row using {} as dp_key where {}").format(
                self._table.name.identifier, sql.Identifier(stage), sql.SQL(" and ").join(same)
            )
        )

    def _fill(self, stage: str, columns: tuple[str, ...], lines: list[str]) -> None:
        if stage in self._filled:
            self._connection.execute(sql.SQL("truncate {}").format(sql.Identifier(stage)))
        self._filled.add(stage)
        self._copy(sql.Identifier(stage), columns, lines)

    def _copy(self, table: sql.Identifier, columns: tuple[str, ...], lines: list[str]) -> None:
        statement = sql.SQL("copy {} ({}) from stdin").format(table, identifiers(columns))
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(("\n".join(lines) + "\n").encode("utf-8"))

    def _make_stages(self, changes: Sequence[Change]) -> None:
        if not self._unique_key:
            return
        wanted = {self._order(tuple(change.fields)) for change in changes if change.fields}
        if any(change.delete for change in changes):
            wanted.add(self._unique_key)
        if len(self._stages) + len(wanted) > _MOST_STAGES:
            self._drop_stages()
        for columns in wanted - self._stages.keys():
            self._make_stage(columns)

    def _make_stage(self, columns: tuple[str, ...]) -> None:
        self._stages_made += 1
        stage = f"dp_batch_{self._stages_made}"
        self._connection.execute(
            sql.SQL(
                "create temporary table {} on commit delete rows as select {} from {} with no data"
            ).format(sql.Identifier(stage), identifiers(columns), self._table.name.identifier)
        )
        self._stages[columns] = stage

    def _drop_stages(self) -> None:
        for stage in self._stages.values():
            self._connection.execute(sql.SQL("drop table {}").format(sql.Identifier(stage)))
        self._stages.clear()
        self._filled.clear()
