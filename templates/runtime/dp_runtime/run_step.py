import os
import sys
from typing import assert_never

from .errors import StepError
from .output import Result, say
from .pipeline_file import Command, Container, Function, Run, SqlFile, StepToRun, variable_of
from .stop import Stop
from .templating import Templates

_NO_COUNTS = Result(None, None, None)


def run_step(
    to_run: StepToRun, step: Run, templates: Templates, stop: Stop, attempt: int
) -> Result:
    """Runs a command, a function or an SQL file of the project, or a container."""
    match step.run:
        case Command(command):
            _run_command(to_run, templates.fill(command, f"{to_run.label}.run"))
        case Function():
            _run_function(to_run, step.run, templates)
        case SqlFile():
            from .run_sql import run_sql_file

            run_sql_file(to_run, step.run, templates, stop)
        case Container():
            from .run_container import run_container

            run_container(to_run, templates.run, attempt)
        case _:
            assert_never(step.run)
    return _NO_COUNTS


def step_environment(to_run: StepToRun) -> dict[str, str]:
    """Returns the addresses that scripts find in their environment."""
    project = to_run.project
    addresses = {} if project.bootstrap is None else {"KAFKA_BOOTSTRAP_SERVERS": project.bootstrap}
    for name, url in project.stores.items():
        addresses[variable_of(name)] = url
    return addresses


def _run_command(to_run: StepToRun, command: str) -> None:
    from .shell import run_shell

    code = run_shell(command, _command_environment())
    if code != 0:
        how = f"was ended by signal {code - 128}" if code > 128 else f"ended with exit code {code}"
        raise StepError(f"{to_run.label}: the command {how}", exit_code=code)


def _command_environment() -> dict[str, str]:
    """Returns this process's variables, so that `python` is the one that runs this."""
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    folder = os.path.dirname(sys.executable)  # noqa: PTH120
    environment["PATH"] = os.pathsep.join([folder, environment.get("PATH", os.defpath)])
    environment.setdefault("PYTHONUNBUFFERED", "1")
    return environment


def _run_function(to_run: StepToRun, function: Function, templates: Templates) -> None:
    from .context import Context
    from .user_code import described, failure_of, hint_for, load_function

    place = f"{to_run.label}: {function.file}:{function.function}"
    call = load_function(function, to_run.label)
    takes_context = _takes_context(call, place)
    context = Context(to_run.project, templates.run_id, templates.params)
    try:
        returned = call(context) if takes_context else call()
    except StepError:
        raise
    except SystemExit as error:
        _check_exit(place, error)
        return
    except Exception as error:
        failure = failure_of(error)
        raise StepError(
            f"{to_run.label}: {described(failure)}",
            next_step=hint_for(error),
            trace=failure.trace,
        ) from None
    finally:
        context.close()
    if returned is not None:
        say(f"{function.function} returned {returned!r:.200}")


def _check_exit(place: str, error: SystemExit) -> None:
    if error.code not in (None, 0):
        raise StepError(f"{place} called sys.exit({error.code!r})") from None


def _takes_context(call: object, place: str) -> bool:
    import inspect

    if not callable(call):
        return False
    required = [
        parameter
        for parameter in inspect.signature(call).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if len(required) > 1:
        raise StepError(f"{place} wants {len(required)} arguments; dp gives `ctx` or nothing")
    return len(required) == 1 or "ctx" in inspect.signature(call).parameters
