import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from .endpoints import Endpoints, open_endpoints, say_from, say_to
from .output import Result, say
from .pipeline_file import Move, StepToRun
from .record import BadRecord, Batch, Item, before_bad
from .stop import Stop
from .templating import Templates

if TYPE_CHECKING:
    from .context import Context
    from .transform import Transform

# Seconds between two lines about how far a step is.
_PROGRESS = 10.0


class _Work(NamedTuple):
    endpoints: Endpoints
    transform: "Transform | None"
    stop: Stop


class _Counts:
    """How many records were moved so far; says so from time to time."""

    def __init__(self) -> None:
        self.read = 0
        self.written = 0
        self._said = time.monotonic()

    def add(self, read: int, written: int) -> None:
        self.read += read
        self.written += written
        if time.monotonic() - self._said > _PROGRESS:
            self._said = time.monotonic()
            say(f"{self.read} records read, {self.written} written")


def run_move(to_run: StepToRun, move: Move, templates: Templates, stop: Stop) -> Result:
    """Moves all records of a step, and returns how many."""
    if move.transform is None:
        return _run(to_run, move, templates, stop)
    from .context import Context

    context = Context(to_run.project, templates.run_id, templates.params)
    try:
        return _run(to_run, move, templates, stop, context)
    finally:
        context.close()


def _run(
    to_run: StepToRun,
    move: Move,
    templates: Templates,
    stop: Stop,
    context: "Context | None" = None,
) -> Result:
    transform = None
    if move.transform is not None and context is not None:
        from .transform import load_transform

        transform = load_transform(move.transform, context, to_run.label)
    endpoints = open_endpoints(to_run, move, templates)
    try:
        counts = _move(_Work(endpoints, transform, stop), move.batch)
    finally:
        endpoints.sink.close()
        endpoints.source.close()
    endpoints.bad_records.say_sum()
    say(
        f"{say_from(move.source)} -> {say_to(move.sink)}: "
        f"{counts.read} records read, {counts.written} written"
    )
    return Result(counts.read, counts.written, endpoints.bad_records.count)


def _move(work: _Work, batch_size: int) -> _Counts:
    source, sink, _ = work.endpoints
    counts = _Counts()
    not_kept: dict[int, int] | None = None
    with closing(source.batches(batch_size)) as batches:
        for batch in batches:
            written = _move_batch(batch, work)
            counts.add(len(batch.items) + len(batch.bad), written)
            if not sink.keeps_batches:
                not_kept = batch.positions
    with work.stop.held():
        sink.finish()
        if not_kept is not None:
            source.commit(not_kept)
    return counts


def _move_batch(batch: Batch, work: _Work) -> int:
    """Returns how many records were written; the position is kept last."""
    _, sink, bad_records = work.endpoints
    items = batch.items
    bad = batch.bad
    if work.transform is not None:
        items, transform_bad = work.transform(batch.items)
        bad = [*bad, *transform_bad]
    if bad and bad_records.fails_step:
        before = before_bad(items, bad, batch.positions) if sink.keeps_batches else None
        if before is not None:
            _keep(before.items, before.bad, before.positions, work)
        raise bad_records.failure(bad, is_next=before is not None)
    return _keep(items, bad, batch.positions, work)


def _keep(items: list[Item], bad: list[BadRecord], positions: dict[int, int], work: _Work) -> int:
    """Writes these records and keeps the positions; returns how many were written."""
    source, sink, bad_records = work.endpoints
    refused = sink.write(items)
    with work.stop.held():
        bad_records.take([*bad, *refused])
        sink.commit(positions)
        if sink.keeps_batches and not sink.keeps_positions:
            source.commit(positions)
    return len(items) - len(refused)
