import json
from typing import NoReturn, TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class NoJson(ValueError):
    """A value that is no JSON, or not the JSON that is wanted."""


def _refuse_constant(name: str) -> NoReturn:
    raise NoJson(f"{name} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_NAMES = {
    "NoneType": "null",
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "str": "a text",
    "list": "a list",
    "dict": "an object",
}


def name_of(value: object) -> str:
    """Returns what JSON calls the kind of a value; for what JSON does not have, Python's name."""
    kind = type(value).__name__
    return _NAMES.get(kind, f"a Python {kind}")


def parse_json(text: bytes | str) -> Json:
    """Returns the value of a JSON text; NoJson when it is none."""
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = _decoder.decode(decoded)
    except UnicodeDecodeError as error:
        raise NoJson(f"not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}"
        raise NoJson(f"not JSON at {place}: {error.msg}") from None
    except RecursionError:
        raise NoJson("nested too deeply") from None
    return value


def as_object(value: Json) -> dict[str, Json]:
    """Returns the value when it is an object; a record can be nothing else."""
    if isinstance(value, dict):
        return value
    raise NoJson(f"{name_of(value)}, not a JSON object")


def parse_object(text: bytes | str) -> dict[str, Json]:
    """Returns the object of a JSON text; NoJson when it is something else."""
    return as_object(parse_json(text))


def json_text(value: object) -> str:
    """Returns compact JSON; NoJson for what JSON can't hold."""
    try:
        return _encoder.encode(value)
    except ValueError as error:
        raise NoJson(str(error)) from None
    except TypeError:
        raise NoJson(_misfit(value)) from None


def json_bytes(value: object) -> bytes:
    """Returns compact JSON in UTF-8; NoJson for what it can't hold."""
    try:
        return json_text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NoJson("a text with half of a surrogate pair, which UTF-8 can't hold") from None


def _misfit(value: object) -> str:
    if isinstance(value, dict):
        for name, field in value.items():
            try:
                _encoder.encode(field)
            except (TypeError, ValueError):
                return f"field {name}: {_misfit(field)}"
    hint = "; use .isoformat()" if hasattr(value, "isoformat") else ""
    return f"{name_of(value)} is no JSON value{hint}"
