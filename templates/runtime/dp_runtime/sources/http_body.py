from collections.abc import Iterator
from decimal import Decimal

import ijson

from ..errors import StepError
from ..json_value import Json, NoJson, as_object, name_of, parse_json, parse_object
from ..record import BadRecord, Meta, Record

_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What of a body is kept, to say what is in it when no records are found.
_KEPT = 1 << 20


class Body:
    """A stream of bytes with a look at its beginning, as a file that can be read."""

    def __init__(self, chunks: Iterator[bytes], label: str) -> None:
        self.label = label
        self._chunks = chunks
        self._ahead = b""
        self.beginning = b""
        self.is_whole = True

    def first_byte(self) -> bytes:
        """Returns the first byte that is not space; none when the body is empty."""
        while not (text := self._ahead.removeprefix(_BYTE_ORDER_MARK).lstrip(_SPACE)):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._ahead += chunk
        self._ahead = text
        return text[:1]

    def read(self, size: int = -1) -> bytes:
        """Returns the next bytes, of a length that suits the stream; none at its end."""
        if size == 0:
            return b""
        taken, self._ahead = self._ahead, b""
        while not taken:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            taken = chunk
        self._keep(taken)
        return taken

    def lines(self) -> Iterator[bytes]:
        """Yields the lines without their ends; only a newline byte ends one."""
        rest = b""
        while chunk := self.read():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
        if rest:
            yield rest

    def _keep(self, taken: bytes) -> None:
        if len(self.beginning) + len(taken) <= _KEPT:
            self.beginning += taken
        else:
            self.is_whole = False


def records_of(
    body: Body, *, is_lines: bool, records: str | None, exact: bool
) -> Iterator[Record | BadRecord]:
    """Yields the records of an answer: a JSON value a line, a JSON list, or one object."""
    first = body.first_byte()
    if first == b"":
        return iter(())
    if is_lines:
        return _of_lines(body, exact)
    if records is not None:
        return _of_list_at(body, records, exact)
    if first == b"[":
        return _of_values(body, "item", exact)
    return _of_values(body, "", exact)


def _of_lines(body: Body, exact: bool) -> Iterator[Record | BadRecord]:
    for number, line in enumerate(body.lines(), 1):
        if not line.strip(_SPACE):
            continue
        meta = Meta(source=body.label, offset=number, value_raw=line.rstrip(b"\r"))
        try:
            yield Record.of(parse_object(line, exact=exact), meta)
        except NoJson as error:
            yield BadRecord(meta, f"the line is {error}")


def _of_values(body: Body, prefix: str, exact: bool) -> Iterator[Record | BadRecord]:
    number = 0
    try:
        for number, value in enumerate(ijson.items(body, prefix), 1):
            record = value if exact else _with_floats(value)
            yield _record(record, Meta(source=body.label, offset=number))
    except ijson.JSONError as error:
        reason = " ".join(str(error).split())
        raise StepError(
            f"{body.label}: the answer is no valid JSON after record {number}", why=reason
        ) from None


def _with_floats(value: Json) -> Json:
    """Turns the decimals that ijson makes of fractions into floats.

    Its own option for that refuses whole numbers of more than 64 bits.
    """
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _with_floats(field) for name, field in value.items()}
    if isinstance(value, list):
        return [_with_floats(element) for element in value]
    return value


def _record(value: Json, meta: Meta) -> Record | BadRecord:
    try:
        return Record.of(as_object(value), meta)
    except NoJson as error:
        return BadRecord(meta, f"it is {error}", value)


def _of_list_at(body: Body, path: str, exact: bool) -> Iterator[Record | BadRecord]:
    found = False
    for record in _of_values(body, f"{path}.item", exact):
        found = True
        yield record
    if not found:
        _check_empty(body, path)


def _check_empty(body: Body, path: str) -> None:
    """Tells an empty list at the path from an answer that has no list there."""
    if not body.is_whole:
        raise StepError(f"{body.label}: the answer has no records at {path}")
    value = parse_json(body.beginning)
    way = ""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            keys = ", ".join(value) if isinstance(value, dict) else name_of(value)
            raise StepError(
                f"{body.label}: the answer has no {path}",
                why=f"{way or 'the answer'} has: {keys}",
            )
        value = value[name]
        way = f"{way}.{name}" if way else name
    if not isinstance(value, list):
        raise StepError(f"{body.label}: {path} is {name_of(value)}, not a list")
