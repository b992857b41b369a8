import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeAlias, TypeGuard

Json: TypeAlias = "None | bool | int | float | Decimal | str | list[Json] | dict[str, Json]"


class NoJson(ValueError):
    """A value that is no JSON, or not the JSON that is wanted."""


def _refuse_constant(name: str) -> NoReturn:
    raise NoJson(f"{name} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_exact_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=Decimal)
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_MOST_ZEROS = 40
_NAMES = {
    "NoneType": "null",
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "Decimal": "a number",
    "str": "a text",
    "list": "a list",
    "dict": "an object",
}


def name_of(value: object) -> str:
    """Returns what JSON calls the kind of a value; for what JSON does not have, Python's name."""
    kind = type(value).__name__
    return _NAMES.get(kind, f"a Python {kind}")


def parse_json(text: bytes | str, *, exact: bool = False) -> Json:
    """Returns the value of a JSON text; NoJson when it is none.

    Numbers are ints and floats; `exact` makes Decimals of those that are no ints, with all digits.
    """
    decoder = _exact_decoder if exact else _decoder
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = decoder.decode(decoded)
    except UnicodeDecodeError as error:
        raise NoJson(f"not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}"
        raise NoJson(f"not JSON at {place}: {error.msg}") from None
    except RecursionError:
        raise NoJson("nested too deeply") from None
    except NoJson:
        raise
    except (ValueError, InvalidOperation):
        # Python converts integers of up to 4300 digits, and Decimals up to an exponent of 10^18.
        raise NoJson("JSON with a number that is too large") from None
    return value


def as_object(value: Json) -> dict[str, Json]:
    """Returns the value when it is an object; a record can be nothing else."""
    if isinstance(value, dict):
        return value
    raise NoJson(f"{name_of(value)}, not a JSON object")


def parse_object(text: bytes | str, *, exact: bool = False) -> dict[str, Json]:
    """Returns the object of a JSON text; NoJson when it is something else."""
    return as_object(parse_json(text, exact=exact))


def is_number(value: object) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def number_text(value: int | float | Decimal) -> str:
    """Returns the digits of a number, with an exponent only where there would be too many zeros."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < _MOST_ZEROS:
        return format(value, "f")
    return str(value)


def json_text(value: object) -> str:
    """Returns compact JSON, with the digits of Decimals; NoJson for what JSON can't hold."""
    try:
        return _encoder.encode(value)
    except ValueError as error:
        raise NoJson(str(error)) from None
    except TypeError:
        return _with_decimals(value)


def _with_decimals(value: object) -> str:
    """Does what the encoder, which is in C, does not: it knows no Decimals."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NoJson(f"{value} is no JSON")
        return str(value)
    if isinstance(value, dict):
        fields = [f"{_name(name)}:{_field(name, field)}" for name, field in value.items()]
        return "{" + ",".join(fields) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([json_text(element) for element in value]) + "]"
    hint = "; use .isoformat()" if hasattr(value, "isoformat") else ""
    raise NoJson(f"{name_of(value)} is no JSON value{hint}")


def _name(name: object) -> str:
    if isinstance(name, str):
        return _encoder.encode(name)
    try:
        return _encoder.encode({name: 0}).removeprefix("{").removesuffix(":0}")
    except TypeError:
        raise NoJson(f"{name_of(name)} is no name of a field") from None


def _field(name: object, value: object) -> str:
    try:
        return json_text(value)
    except NoJson as error:
        raise NoJson(f"field {name}: {error}") from None


def json_bytes(value: object) -> bytes:
    """Returns compact JSON in UTF-8; NoJson for what it can't hold."""
    try:
        return json_text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NoJson("a text with half of a surrogate pair, which UTF-8 can't hold") from None
