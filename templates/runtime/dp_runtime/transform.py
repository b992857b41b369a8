import inspect
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from .context import Context
from .errors import StepError
from .json_value import name_of
from .pipeline_file import Function
from .record import BadRecord, Item, Record, Tombstone
from .user_code import UserFunction, described, failure_of, load_function


class Outcome(NamedTuple):
    """What a batch became."""

    items: list[Item]
    bad: list[BadRecord]


Transform: TypeAlias = Callable[[Sequence[Item]], Outcome]


class _WrongResult(Exception):
    """The function returned something that is no record."""


def load_transform(function: Function, context: Context, place: str) -> Transform:
    """Returns the project's function as one that takes a batch; tombstones pass it by."""
    loaded = load_function(function, place)
    form = _form_of(loaded, f"{place}: {function.file}:{function.function}")
    call = _with_context(loaded, form, context)
    if form.takes_batch:
        return lambda items: _by_batch(call, items, place)
    return lambda items: _by_record(call, items)


class _Form(NamedTuple):
    takes_batch: bool
    context: str | None
    """How `ctx` is given: by position, by name, or not at all."""


def _form_of(function: UserFunction, place: str) -> _Form:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise StepError(f"{place} does not say what arguments it takes") from None
    by_position = [
        parameter
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if not by_position:
        raise StepError(f"{place} takes no record", next_step="def clean(record: dict, ctx=None)")
    named = any(parameter.name == "ctx" for parameter in parameters)
    context = "position" if len(by_position) > 1 else "name" if named else None
    return _Form(_is_list(by_position[0].annotation), context)


def _is_list(annotation: object) -> bool:
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return text in ("list", "<class 'list'>") or text.lower().startswith(
        ("list[", "typing.list", "typing.sequence", "sequence[", "collections.abc.sequence")
    )


def _with_context(
    function: UserFunction, form: _Form, context: Context
) -> Callable[[object], object]:
    match form.context:
        case "position":
            return lambda argument: function(argument, context)
        case "name":
            return lambda argument: function(argument, ctx=context)
        case _:
            return function


def _by_record(call: Callable[[object], object], items: Sequence[Item]) -> Outcome:
    outcome = Outcome([], [])
    for item in items:
        if isinstance(item, Tombstone):
            outcome.items.append(item)
            continue
        # The function may change what it gets; a dead letter must be what was read.
        meta = item.meta
        before = item if meta.value_raw is not None else dict(item)
        try:
            outcome.items.extend(_results(call(item), item))
        except StepError:
            raise
        except Exception as error:
            outcome.bad.append(_bad(error, Record.of(before, meta)))
    return outcome


def _results(result: object, source: Record) -> Iterator[Record]:
    if result is None:
        return
    if isinstance(result, dict):
        yield _with_meta(result, source)
        return
    if not isinstance(result, list):
        raise _WrongResult(f"returned {name_of(result)}, not a dict, a list of dicts or None")
    for element in result:
        if not isinstance(element, dict):
            raise _WrongResult(f"returned a list with {name_of(element)}, not of dicts")
        yield _with_meta(element, source)


def _with_meta(result: dict[str, object], source: Record) -> Record:
    if isinstance(result, Record):
        return result
    return Record.of(result, source.meta)  # type: ignore[arg-type]


def _by_batch(call: Callable[[object], object], items: Sequence[Item], place: str) -> Outcome:
    outcome = Outcome([], [])
    for is_tombstone, group in groupby(items, lambda item: isinstance(item, Tombstone)):
        if is_tombstone:
            outcome.items.extend(group)
            continue
        records = [item for item in group if isinstance(item, Record)]
        copies = [record.copy() for record in records]
        try:
            outcome.items.extend(_batch_results(call(copies), records))
        except StepError:
            raise
        except Exception as error:
            _one_by_one(call, records, outcome, error, place)
    return outcome


def _batch_results(result: object, sources: Sequence[Record]) -> list[Record]:
    if result is None:
        return []
    if not isinstance(result, list):
        raise _WrongResult(f"returned {name_of(result)}, not a list of dicts")
    return [_of_batch(element, sources) for element in result]


def _of_batch(element: object, sources: Sequence[Record]) -> Record:
    if isinstance(element, Record):
        return element
    if not isinstance(element, dict):
        raise _WrongResult(f"returned a list with {name_of(element)}, not of dicts")
    if len(sources) == 1:
        return Record.of(element, sources[0].meta)
    # Nothing tells which record of the batch a plain dict was made of.
    return Record.of(element, sources[0].meta.of_batch(len(sources)))


def _one_by_one(
    call: Callable[[object], object],
    records: Sequence[Record],
    outcome: Outcome,
    batch_error: Exception,
    place: str,
) -> None:
    """Finds the records of a batch that the function can't take, by giving it each alone."""
    bad: list[BadRecord] = []
    for record in records:
        try:
            outcome.items.extend(_batch_results(call([record.copy()]), [record]))
        except StepError:
            raise
        except Exception as error:
            bad.append(_bad(error, record))
    if not bad:
        failure = failure_of(batch_error)
        raise StepError(
            f"{place}: the transform fails for a batch of {len(records)} records, "
            f"but for none of them alone: {described(failure)}",
            trace=failure.trace,
        )
    outcome.bad.extend(bad)


def _bad(error: Exception, record: Record) -> BadRecord:
    if isinstance(error, _WrongResult):
        return BadRecord(record.meta, f"the transform {error}", dict(record))
    failure = failure_of(error)
    return BadRecord(record.meta, described(failure), dict(record), failure.trace)
