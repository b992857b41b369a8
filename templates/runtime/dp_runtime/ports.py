from collections.abc import Generator
from typing import Protocol

from .record import BadRecord, Batch, Item, RawHeaders


class Source(Protocol):
    """Where records are read."""

    def batches(self, size: int) -> Generator[Batch, None, None]: ...

    def commit(self, positions: dict[int, int]) -> None:
        """Keeps the positions, so that the next run begins there."""

    def close(self) -> None: ...


class Sink(Protocol):
    """Where records are written. A batch is written by `write`, and kept by `commit`."""

    keeps_batches: bool
    """False when nothing is kept before `finish`."""
    keeps_positions: bool
    """True when `commit` keeps the source's positions together with the records."""

    def write(self, items: list[Item]) -> list[BadRecord]:
        """Takes a batch, and returns the records of it that do not fit."""

    def commit(self, positions: dict[int, int]) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


class DeadLetters(Protocol):
    """Where records go that can't be taken."""

    def send_dead_letter(
        self, *, topic: str, key: bytes | None, value: bytes | None, headers: RawHeaders
    ) -> None: ...

    def flush(self) -> None:
        """Returns when all that was sent is acknowledged, or goes with the open transaction."""
