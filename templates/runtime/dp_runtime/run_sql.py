from pathlib import Path

import psycopg

from .endpoints import store_url
from .errors import StepError
from .output import say
from .pipeline_file import SqlFile, StepToRun
from .postgres.connect import connect, store_error
from .stop import Stop
from .templating import Templates


def run_sql_file(to_run: StepToRun, step: SqlFile, templates: Templates, stop: Stop) -> None:
    """Executes the file's statements in one transaction."""
    text = templates.fill(_content(to_run, step.file), step.file)
    with connect(step.store, store_url(to_run, step.store)) as connection:
        try:
            connection.execute("begin")
            statements, rows = _execute(connection, text)
            with stop.held():
                connection.execute("commit")
        except psycopg.Error as error:
            raise _failure(to_run, step, text, error) from None
    say(f"{step.file}: {statements} statements, {rows} rows")


def _content(to_run: StepToRun, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StepError(f"{to_run.label}: can't read {file}", why=error.strerror) from None
    except UnicodeDecodeError:
        raise StepError(f"{to_run.label}: {file} is not UTF-8") from None


def _execute(connection: psycopg.Connection, text: str) -> tuple[int, int]:
    """Returns how many statements ran, and how many rows they changed or returned."""
    statements = 0
    rows = 0
    # The file is the project's own, not a text with values put into it.
    cursor = connection.execute(text)
    while True:
        if cursor.statusmessage is not None:
            statements += 1
            rows += max(cursor.rowcount, 0)
        if not cursor.nextset():
            return statements, rows


def _failure(to_run: StepToRun, step: SqlFile, text: str, error: psycopg.Error) -> StepError:
    position = error.diag.statement_position
    line = "" if position is None else f":{text[: int(position) - 1].count(chr(10)) + 1}"
    return store_error(f"{to_run.label}: {step.file}{line}", error)
