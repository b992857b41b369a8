from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, Protocol, cast

from .errors import StepError
from .pipeline_file import Pipeline
from .run_values import RunValues


class Interval(NamedTuple):
    """The time that a run is about, in the pipeline's timezone."""

    start: datetime
    end: datetime


class _FireTimes(Protocol):
    def get_prev(self, ret_type: type[datetime]) -> datetime: ...


def data_interval(pipeline: Pipeline, run: RunValues) -> Interval:
    """Returns the interval that ends at the last fire time at or before the run's time.

    Without a schedule both ends are the run's time.
    """
    run_after = run.run_after.astimezone(_timezone(pipeline))
    if pipeline.schedule is None:
        return Interval(run_after, run_after)
    # Fire times are whole seconds, and `get_prev` gives those before its start.
    from_second = run_after.replace(microsecond=0)
    fire_times = _fire_times(pipeline.schedule, from_second + timedelta(seconds=1))
    end = fire_times.get_prev(datetime)
    return Interval(fire_times.get_prev(datetime), end)


def _timezone(pipeline: Pipeline) -> tzinfo:
    if pipeline.timezone == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(pipeline.timezone)
    except (ValueError, LookupError):
        raise StepError(
            f"pipeline {pipeline.name}: there is no timezone {pipeline.timezone}"
        ) from None


def _fire_times(schedule: str, start: datetime) -> _FireTimes:
    from croniter import croniter

    try:
        return cast(_FireTimes, croniter(schedule, start))
    except ValueError as error:
        raise StepError(f"schedule {schedule} is no cron expression", why=str(error)) from None
