import importlib.util
import os
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple, TypeAlias

from .errors import StepError
from .pipeline_file import Function

UserFunction: TypeAlias = Callable[..., object]


class Failure(NamedTuple):
    """An exception of the project's code: what, where in the project, and the calls there."""

    error: str
    place: str | None
    trace: list[str]


def load_function(function: Function, place: str) -> UserFunction:
    """Returns a function of the project; StepError when its file does not load or lacks it."""
    module = _load_file(function.file, place)
    found = getattr(module, function.function, None)
    if not callable(found):
        raise StepError(f"{place}: {function.file} has no function {function.function}")
    _refuse_async(found, f"{place}: {function.file}:{function.function}")
    return found  # type: ignore[no-any-return]


def failure_of(error: BaseException) -> Failure:
    """Returns what a person needs of an exception: only the frames of the project's own files."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        place = f"{_relative(error.filename)}:{error.lineno}"
        return Failure(f"SyntaxError: {error.msg}", place, _frame_lines(place, error.text))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_of_project(frame)]
    message = str(error)
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if not frames:
        return Failure(text, None, [])
    trace = [
        line
        for frame in frames
        for line in _frame_lines(
            f"{_relative(frame.filename)}:{frame.lineno} in {frame.name}", frame.line
        )
    ]
    last = frames[-1]
    return Failure(text, f"{_relative(last.filename)}:{last.lineno} in {last.name}", trace)


def hint_for(error: BaseException) -> str | None:
    """Returns how to add a package that is missing; None for any other error."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.split(".")[0]
    return f'add the package of "{package}" to python.requirements, then run dp up'


def described(failure: Failure) -> str:
    """Returns a failure in one line."""
    one_line = " ".join(failure.error.split("\n"))
    return one_line if failure.place is None else f"{failure.place}: {one_line}"


def _load_file(file: str, place: str) -> ModuleType:
    path = os.path.abspath(file)  # noqa: PTH100
    _import_from(os.path.dirname(path))  # noqa: PTH120
    name = os.path.splitext(file)[0].replace("/", ".")  # noqa: PTH122
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StepError(f"{place}: {file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError as error:
        if error.filename != path:
            raise _load_error(place, file, error) from None
        raise StepError(f"{place}: {file} is not in the project folder") from None
    except Exception as error:
        raise _load_error(place, file, error) from None
    return module


def _load_error(place: str, file: str, error: Exception) -> StepError:
    failure = failure_of(error)
    return StepError(
        f"{place}: {file} does not load: {described(failure)}",
        next_step=hint_for(error),
        trace=failure.trace,
    )


def _import_from(folder: str) -> None:
    """Lets the project's files import those beside them, and those at its root."""
    for path in (folder, os.getcwd()):  # noqa: PTH109
        if path not in sys.path:
            sys.path.insert(_first_after_stdlib(), path)


def _first_after_stdlib() -> int:
    """Returns where a folder hides installed packages but none of Python's own modules."""
    for index, path in enumerate(sys.path):
        if path.endswith(("site-packages", "dist-packages")):
            return index
    return len(sys.path)


def _refuse_async(function: UserFunction, place: str) -> None:
    import inspect

    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise StepError(
            f"{place} is async, and dp calls plain functions only",
            next_step="write `def` instead of `async def`; asyncio.run() can be called inside",
        )


def _is_of_project(frame: traceback.FrameSummary) -> bool:
    relative = _relative(frame.filename)
    outside = os.path.isabs(relative) or relative.startswith(("..", ".dp" + os.sep))  # noqa: PTH117
    return not outside and "site-packages" not in relative and not relative.startswith("<")


def _relative(path: str) -> str:
    root = os.getcwd() + os.sep  # noqa: PTH109
    return path.removeprefix(root)


def _frame_lines(place: str, line: str | None) -> list[str]:
    return [f"  {place}"] + ([f"    {line.strip()}"] if line else [])
