"""What Airflow may ask for: a declared step of a deployed version, with values of a run."""

import json
import re
from typing import Any, NamedTuple

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_VERSION = re.compile(r"[0-9a-f]{16}")
_LONGEST_TEXT = 250
_MOST_ATTEMPTS = 1_000_000
_KEYS = frozenset({"pipeline", "step", "version", "run", "attempt", "interval", "params"})

# Bytes of a request; parameters are all that can be long.
LONGEST_REQUEST = 65536


class StepRequest(NamedTuple):
    pipeline: str
    step: str
    version: str
    run: str
    attempt: int
    interval: str
    """The time from which the runtime computes the run's interval."""
    params: dict[str, Any]


class InvalidRequestError(Exception):
    """The request is not one for a step."""


def parse_request(content: bytes) -> StepRequest:
    """Returns the request; InvalidRequestError for other keys, types, or forms than those above."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidRequestError("the request is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidRequestError("the request is not a JSON object")
    unknown = sorted(set(value) - _KEYS)
    missing = sorted(_KEYS - set(value))
    if unknown or missing:
        wrong = f"unknown: {', '.join(unknown)}" if unknown else f"missing: {', '.join(missing)}"
        raise InvalidRequestError(f"the request has other keys than it must have, {wrong}")
    return StepRequest(
        pipeline=_matching(value, "pipeline", _NAME),
        step=_matching(value, "step", _NAME),
        version=_matching(value, "version", _VERSION),
        run=_text(value, "run"),
        attempt=_attempt(value["attempt"]),
        interval=_text(value, "interval"),
        params=_params(value["params"]),
    )


def _matching(value: dict[str, Any], key: str, form: re.Pattern[str]) -> str:
    text = value[key]
    if not isinstance(text, str) or not form.fullmatch(text):
        raise InvalidRequestError(f"{key} is not valid")
    return text


def _text(value: dict[str, Any], key: str) -> str:
    text = value[key]
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_TEXT or not text.isprintable():
        raise InvalidRequestError(f"{key} is not valid")
    return text


def _attempt(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST_ATTEMPTS:
        raise InvalidRequestError("attempt is not valid")
    return value


def _params(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequestError("params is not a JSON object")
    for name, item in value.items():
        if not isinstance(item, (str, int, float, bool)):
            raise InvalidRequestError(f"the parameter {name} is not a string, number, or boolean")
    return value
