import json
import sys
from typing import NamedTuple

from .errors import StepError
from .redact import redacted


class Result(NamedTuple):
    """What a step that succeeded reports; the counts are None for steps that move no records."""

    records_in: int | None
    records_out: int | None
    records_bad: int | None


class OutputError(Exception):
    """Standard output can't be written; `reason` is the system's."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def say(line: str) -> None:
    """Prints one line of the step's log."""
    write((redacted(line) + "\n").encode("utf-8", "backslashreplace"))


def write(data: bytes) -> None:
    """Writes to standard output, behind what was printed before; OutputError when it can't."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputError(error) from None


def say_error(error: StepError) -> None:
    """Prints a failure; the line that begins with `error:` says what it was."""
    for line in error.trace:
        say(line)
    say(f"error: {error.message}")
    if error.why is not None:
        say(f"  why:  {error.why}")
    if error.next_step is not None:
        say(f"  next: {error.next_step}")


def say_result(result: Result, duration_ms: int) -> None:
    """Prints the line that ends the log of a step that succeeded."""
    say(
        json.dumps(
            {
                "recordsIn": result.records_in,
                "recordsOut": result.records_out,
                "recordsBad": result.records_bad,
                "durationMs": duration_ms,
            }
        )
    )
