from .errors import StepError
from .json_value import NoJson, json_bytes
from .output import say
from .pipeline_file import OnBadRecord
from .ports import DeadLetters
from .record import BadRecord

_SHOWN = 5


class BadRecords:
    """Does what the step says about records that can't be taken, and counts them."""

    def __init__(self, what: OnBadRecord, step: str, dead_letters: DeadLetters | None) -> None:
        self._what = what
        self._step = step
        self._dead_letters = dead_letters
        self.count = 0

    def refuse(self, bad: list[BadRecord]) -> None:
        """Raises StepError when these records fail the step."""
        if bad and self._what.action == "fail":
            raise self._failure(bad)

    def take(self, bad: list[BadRecord]) -> None:
        """Returns when these records need no more care; StepError when they fail the step."""
        if not bad:
            return
        self.refuse(bad)
        for record in bad:
            self.count += 1
            if self.count <= _SHOWN:
                say(f"bad record {record.meta.place}: {record.error}")
            if self._what.topic is not None:
                self._send(record, self._what.topic)
        if self._dead_letters is not None:
            self._dead_letters.flush()

    def say_sum(self) -> None:
        if self.count > 0:
            went = "skipped" if self._what.topic is None else f"sent to topic {self._what.topic}"
            say(f"{self.count} bad records {went}")

    def _failure(self, bad: list[BadRecord]) -> StepError:
        first = bad[0]
        more = f" ({len(bad)} bad records in its batch)" if len(bad) > 1 else ""
        return StepError(
            f"{self._step}: record {first.meta.place}: {first.error}{more}",
            next_step="mend the record or the transform, "
            "or set on_bad_record to skip or to topic:NAME",
            trace=first.trace,
        )

    def _send(self, record: BadRecord, topic: str) -> None:
        if self._dead_letters is None:
            raise StepError(f"{self._step}: bad records go to topic {topic}, but there is no Kafka")
        meta = record.meta
        self._dead_letters.send_dead_letter(
            topic=topic,
            key=meta.key_raw,
            value=meta.value_raw if meta.topic is not None else _value_of(record),
            headers=[
                *meta.headers_raw,
                ("dp.error", record.error.encode("utf-8", "replace")),
                ("dp.step", self._step.encode()),
                ("dp.source", meta.place.encode("utf-8", "replace")),
            ],
        )


def _value_of(record: BadRecord) -> bytes | None:
    """Returns what was read: its bytes where they are known, else its JSON."""
    if record.meta.value_raw is not None:
        return record.meta.value_raw
    try:
        return json_bytes(record.value)
    except NoJson:
        return repr(record.value).encode("utf-8", "replace")
