import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .stop import Stop


def main(arguments: list[str]) -> int:
    """Runs `step PIPELINE STEP`, `container PIPELINE STEP` or `check`; returns the exit code.

    It is 1 when standard output can't be written: a log that is cut looks whole.
    """
    _keep_project_from_hiding_modules()
    from .output import OutputError, write

    try:
        code = _run_and_report(arguments)
        # What the step's own code has printed may still wait in Python's buffer.
        write(b"")
    except OutputError as error:
        return _end_without_output(error.reason)
    return code


def _end_without_output(reason: OSError) -> int:
    # Python writes what is left in its buffer at the end, and would fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not isinstance(reason, BrokenPipeError):
        sys.stderr.write(f"error: can't write to stdout: {reason.strerror}\n")
    return 1


def _run_and_report(arguments: list[str]) -> int:
    from .errors import StepError
    from .output import OutputError, say_error
    from .stop import Stop, Stopped

    stop = Stop()
    stop.listen()
    try:
        return _run(arguments, stop)
    except Stopped as stopped:
        from .output import say

        name = "SIGINT" if stopped.signal_number == 2 else "SIGTERM"
        say(f"stopped by {name}")
        return stopped.exit_code
    except StepError as error:
        say_error(error)
        return error.exit_code
    except OutputError:
        raise
    except Exception as error:
        _say_own_failure(error)
        return 1


def _run(arguments: list[str], stop: "Stop") -> int:
    match arguments:
        case ["step", pipeline_name, step_name]:
            from .step import run

            run(pipeline_name, step_name, stop)
            return 0
        case ["container", pipeline_name, step_name]:
            from .container import print_container

            print_container(pipeline_name, step_name)
            return 0
        case ["check"]:
            from .check import check
            from .read_pipeline_file import read_pipeline_file

            return check(read_pipeline_file())
        case _:
            sys.stderr.write(
                "usage: python -m dp_runtime step PIPELINE STEP | container PIPELINE STEP | check\n"
            )
            return 2


def _keep_project_from_hiding_modules() -> None:
    """Takes the working directory, where `-m` looks first, from the places of modules.

    A file of the project called queue.py would hide Python's own; user_code.py adds the folder
    behind those.
    """
    here = os.getcwd()  # noqa: PTH109
    sys.path[:] = [path for path in sys.path if path not in ("", here)]


def _say_own_failure(error: Exception) -> None:
    """Tells a failure that nothing foresaw; DP_DEBUG=1 shows where it was."""
    from .errors import StepError
    from .output import say_error

    if os.environ.get("DP_DEBUG") == "1":
        import traceback

        trace = traceback.format_exception(error)
        lines = [line for part in trace for line in part.rstrip("\n").split("\n")]
    else:
        lines = []
    say_error(
        StepError(
            f"dp_runtime failed: {type(error).__name__}: {error}",
            next_step=None
            if lines
            else 'set DP_DEBUG: "1" in the step\'s environment to see where',
            trace=lines,
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
