import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from ..fields import scalar_text
from ..json_value import Json, NoJson, json_text, name_of

NULL = r"\N"

Encoder: TypeAlias = Callable[[Json], str]

_WHOLE_NUMBER = re.compile(r"\s*[+-]?\d+\s*")
_ESCAPED = re.compile(r"[\\\n\r\t]")
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_BIGINT = 1 << 63
# Beyond these a Decimal is not written out: its exponent may be millions.
_MOST_DIGITS = 40


class Misfit(ValueError):
    """A value that its column can't hold."""


def column_type(value: Json) -> str | None:
    """Returns the type of a column that is made for a value; None for null, which shows none."""
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case int():
            return "bigint" if -_BIGINT <= value < _BIGINT else "numeric"
        case float():
            return "double precision"
        case Decimal():
            # A double whose digits are the same.
            return "double precision" if Decimal(repr(float(value))) == value else "numeric"
        case str():
            return "text"
        case dict() | list():
            return "jsonb"
    raise Misfit(f"{name_of(value)} is no JSON value")


def joined_type(one: str, other: str) -> str:
    """Returns the type of a column that is made for values of two types."""
    types = {one, other}
    if len(types) == 1:
        return one
    if "jsonb" in types:
        return "jsonb"
    if types <= {"bigint", "numeric", "double precision"}:
        return "numeric" if "numeric" in types else "double precision"
    return "text"


def encoder_of(type_name: str) -> Encoder:
    """Returns what writes a value (not null) for COPY into a column of this type.

    Source of the format: postgresql.org/docs/15/sql-copy.html, Text Format.
    """
    return _ENCODERS.get(type_name, _encode_other)


def _copy_text(text: str) -> str:
    if not text.isprintable() or "\\" in text:
        if "\0" in text:
            raise Misfit("Postgres can't hold the character U+0000")
        text = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Misfit("half of a surrogate pair can't be written as UTF-8") from None
    return text


def _encode_boolean(value: Json) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value
    raise Misfit(f"{name_of(value)} is no boolean")


def _encode_integer(value: Json) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return str(int(value))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value)) if value.adjusted() < _MOST_DIGITS else str(value)
    if isinstance(value, (float, Decimal)):
        raise Misfit("it is no whole number")
    raise Misfit(f"{name_of(value)} is no whole number")


def _encode_number(value: Json) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    if isinstance(value, str):
        return _copy_text(value)
    raise Misfit(f"{name_of(value)} is no number")


def _encode_text(value: Json) -> str:
    if isinstance(value, str):
        return _copy_text(value)
    if isinstance(value, (dict, list)):
        raise Misfit(f"{name_of(value)} is no text")
    return scalar_text(value)


def _encode_json(value: Json) -> str:
    try:
        return _copy_text(json_text(value))
    except NoJson as error:
        raise Misfit(str(error)) from None


def _encode_other(value: Json) -> str:
    """Leaves it to Postgres what the text means: dates, UUIDs and the like."""
    if isinstance(value, (dict, list)):
        return _encode_json(value)
    return _copy_text(scalar_text(value))


_ENCODERS: dict[str, Encoder] = {
    "bool": _encode_boolean,
    "int2": _encode_integer,
    "int4": _encode_integer,
    "int8": _encode_integer,
    "float4": _encode_number,
    "float8": _encode_number,
    "numeric": _encode_number,
    "text": _encode_text,
    "varchar": _encode_text,
    "bpchar": _encode_text,
    "json": _encode_json,
    "jsonb": _encode_json,
}
