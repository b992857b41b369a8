import re
from collections.abc import Generator

import psycopg
from psycopg import sql

from ..errors import StepError
from ..json_value import parse_object
from ..pipeline_file import QuerySource, TableSource
from ..postgres.connect import connect, store_error
from ..postgres.table_name import parse_table_name
from ..record import Batch, Item, Meta, Record

_DECLARATION = 'DECLARE "dp_rows" CURSOR FOR '
# A semicolon, and the comments behind it.
_END = re.compile(r";\s*(--[^\n]*\s*|/\*.*?\*/\s*)*$", re.DOTALL)


class QueryReader:
    """Reads the rows of a query or a table, as Postgres writes them as JSON."""

    def __init__(self, source: QuerySource | TableSource, url: str, *, exact: bool) -> None:
        self._source = source
        self._exact = exact
        self._label = (
            f"{source.store}.{source.table}"
            if isinstance(source, TableSource)
            else f"query of {source.store}"
        )
        self._connection = connect(source.store, url)

    def batches(self, size: int) -> Generator[Batch, None, None]:
        number = 0
        try:
            with (
                self._connection.transaction(),
                self._connection.cursor(name="dp_rows") as cursor,
            ):
                cursor.execute(self._statement())
                while rows := cursor.fetchmany(size):
                    yield Batch(self._records(rows, number), [], {})
                    number += len(rows)
        except psycopg.Error as error:
            raise self._failure(error) from None

    def commit(self, positions: dict[int, int]) -> None:
        """Does nothing: rows have no position."""

    def close(self) -> None:
        self._connection.close()

    def _statement(self) -> sql.Composed:
        if isinstance(self._source, TableSource):
            rows = sql.SQL("select * from {}").format(
                parse_table_name(self._source.table).identifier
            )
        else:
            query = _END.sub("", self._source.query)
            # The newline keeps a comment at the query's end from hiding what follows.
            rows = sql.SQL("{}\n").format(sql.SQL(query))
        return sql.SQL("select row_to_json(dp_row)::text from (\n{}) as dp_row").format(rows)

    def _records(self, rows: list[tuple[object, ...]], before: int) -> list[Item]:
        return [self._record(str(text), before + number) for number, (text,) in enumerate(rows, 1)]

    def _record(self, text: str, number: int) -> Record:
        meta = Meta(source=self._label, offset=number, value_raw=text.encode())
        return Record.of(parse_object(text, exact=self._exact), meta)

    def _failure(self, error: psycopg.Error) -> StepError:
        failure = store_error(f"can't read {self._label}", error)
        position = error.diag.statement_position
        if isinstance(self._source, TableSource) or position is None:
            return failure
        statement = self._statement().as_string(None)
        # Positions count from the beginning of what psycopg sends.
        before = statement[: int(position) - 1 - len(_DECLARATION)]
        # The first line is dp's own.
        line = before.count("\n")
        text = statement.split("\n")[line].strip()
        return StepError(
            f"{failure.message}: line {line}: {text}",
            why=failure.why,
            next_step=failure.next_step,
        )
