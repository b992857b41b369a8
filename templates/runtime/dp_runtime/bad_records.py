from .errors import StepError
from .json_value import NoJson, json_bytes
from .output import say
from .pipeline_file import OnBadRecord
from .ports import DeadLetters
from .record import BadRecord, Meta

_SHOWN = 5
_FIX = "fix the record or the transform, or set on_bad_record to skip or to topic:NAME"


class BadRecords:
    """Does what the step says about records that can't be taken, and counts them."""

    def __init__(
        self,
        what: OnBadRecord,
        step: str,
        dead_letters: DeadLetters | None,
        group: str | None = None,
    ) -> None:
        """`group` is the consumer group of a step that reads a topic."""
        self._what = what
        self._step = step
        self._dead_letters = dead_letters
        self._group = group
        self.count = 0

    @property
    def fails_step(self) -> bool:
        return self._what.action == "fail"

    def failure(self, bad: list[BadRecord], *, is_next: bool = False) -> StepError:
        """Returns the failure of the step by these records.

        `is_next`: the step's group stands at the first of them, so that it can be skipped.
        """
        first = bad[0]
        more = f" ({len(bad)} bad records in its batch)" if len(bad) > 1 else ""
        return StepError(
            f"{self._step}: record {first.meta.place}: {first.error}{more}",
            next_step=self._skip(first.meta) if is_next else _FIX,
            trace=first.trace,
        )

    def _skip(self, meta: Meta) -> str:
        return (
            f"fix the transform, or skip this record: dp group reset {self._group} "
            f"--topic {meta.topic} -p {meta.partition} -o {meta.offset + 1}"
        )

    def take(self, bad: list[BadRecord]) -> None:
        """Returns when these records need no more care; StepError when they fail the step."""
        if not bad:
            return
        if self.fails_step:
            raise self.failure(bad)
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
