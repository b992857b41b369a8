from urllib.parse import unquote, urlsplit

import psycopg

from ..errors import StepError
from ..redact import keep_secret

_CONNECT_SECONDS = 10


def connect(store: str, url: str) -> psycopg.Connection:
    """Returns a connection that keeps each statement at once; StepError when there is none."""
    try:
        parts = urlsplit(url)
        address = f"{parts.hostname}:{parts.port or 5432}"
    except ValueError:
        raise StepError(f"the URL of store {store} is not valid") from None
    keep_secret([unquote(parts.password)] if parts.password else [])
    try:
        return psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name="dp",
            client_encoding="utf8",
        )
    except psycopg.Error as error:
        raise StepError(
            f"can't reach store {store} at {address}",
            why=_one_line(str(error)),
            next_step=f"is {store} running? dp status",
        ) from None


def store_error(message: str, error: psycopg.Error) -> StepError:
    """Returns the error for something that a store did not do."""
    primary = error.diag.message_primary
    if primary is None:
        return StepError(message, why=_one_line(str(error)))
    detail = error.diag.message_detail
    return StepError(
        message,
        why=primary if detail is None else f"{primary} ({detail})",
        next_step=error.diag.message_hint,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
