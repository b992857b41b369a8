from typing import NamedTuple

from psycopg import sql

from ..errors import StepError

_LONGEST_NAME = 63
_NEW = "__new"


class TableName(NamedTuple):
    schema: str | None
    name: str

    @property
    def identifier(self) -> sql.Identifier:
        """The name as SQL, always quoted."""
        if self.schema is None:
            return sql.Identifier(self.name)
        return sql.Identifier(self.schema, self.name)

    @property
    def text(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"

    @property
    def under_way(self) -> "TableName":
        """The name of the table that is to take this one's place; never this one's own."""
        beginning = self.name.encode()[: _LONGEST_NAME - len(_NEW)].decode(errors="ignore")
        return TableName(self.schema, beginning + _NEW)


def parse_table_name(text: str) -> TableName:
    """Returns the parts of `table` or `schema.table`; StepError when Postgres can't have them."""
    schema, dot, name = text.partition(".")
    for part in (schema, name) if dot else (schema,):
        if not part or len(part.encode()) > _LONGEST_NAME:
            raise StepError(f"{text} is no table name: each part has 1 to 63 bytes")
    return TableName(schema, name) if dot else TableName(None, text)
