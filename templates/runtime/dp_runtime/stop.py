import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """A signal asked the step to stop."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number

    @property
    def exit_code(self) -> int:
        return 128 + self.signal_number


class Stop:
    """Turns SIGINT and SIGTERM into Stopped: at once, or after what must not be left half done."""

    def __init__(self) -> None:
        self._asked: int | None = None
        self._holds = 0

    def listen(self) -> None:
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lets what is inside come to its end before the step stops."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
        if self._asked is not None and self._holds == 0:
            raise Stopped(self._asked)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        asked_before = self._asked is not None
        self._asked = number
        if self._holds == 0 and not asked_before:
            raise Stopped(number)
