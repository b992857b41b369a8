from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from .errors import StepError
from .json_value import Json, NoJson, parse_object


class RunValues(NamedTuple):
    """What differs from run to run. `params` are those given, without the pipeline's defaults."""

    run_id: str
    run_after: datetime
    params: dict[str, Json]


def run_values(environment: Mapping[str, str], now: datetime) -> RunValues:
    """Returns the values of this run from the DP_… variables; StepError when one is not valid."""
    run_after = _run_after(environment.get("DP_RUN_AFTER", ""), now)
    return RunValues(
        run_id=environment.get("DP_RUN_ID") or f"local__{run_after.isoformat()}",
        run_after=run_after,
        params=_params(environment.get("DP_PARAMS", "")),
    )


def _run_after(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise StepError(f"DP_RUN_AFTER is no ISO time: {text}") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _params(text: str) -> dict[str, Json]:
    if not text:
        return {}
    try:
        return parse_object(text, exact=True)
    except NoJson as error:
        raise StepError(f"DP_PARAMS is {error}") from None
