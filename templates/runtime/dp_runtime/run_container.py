import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from .errors import StepError
from .output import write
from .pipeline_file import StepToRun
from .redact import redacted
from .run_values import RunValues
from .stop import Stopped

# The step runner in the stack's network; `dp up` starts it.
_ADDRESS = ("step-runner", 8000)
_CONNECT_TIMEOUT = 30.0
# Seconds for the last lines of a container that is being stopped.
_LAST_LINES = 6.0
# As the runner has them: the kernel notices a runner whose machine or network is gone.
_KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 3), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 4))


def run_container(to_run: StepToRun, run: RunValues, attempt: int) -> None:
    """Lets the step runner start the step's container, and prints its lines until it ends.

    The container lives as long as the connection to the runner: the system closes it when this
    process ends, however that comes.
    """
    _end_with_parent()
    with _connection(to_run) as connection:
        task = _connected(connection, to_run)
        connection.request("POST", "/steps", _request(to_run, run, attempt), _headers(to_run))
        response = connection.getresponse()
        if response.status != 200:
            raise StepError(
                f"{to_run.label}: the step runner refused the step", why=_reason(response.read())
            )
        _print_to_end(to_run, task, response)


def _end_with_parent() -> None:
    """Asks the kernel for SIGTERM when Airflow's task, the parent, is killed."""
    import ctypes

    # https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _request(to_run: StepToRun, run: RunValues, attempt: int) -> bytes:
    declared = to_run.pipeline.params
    request = {
        "pipeline": to_run.pipeline.name,
        "step": to_run.name,
        "version": Path.cwd().name,
        "run": run.run_id,
        "attempt": attempt,
        "interval": run.run_after.isoformat(),
        "params": {name: value for name, value in run.params.items() if name in declared},
    }
    return json.dumps(request, default=_number).encode()


def _number(value: object) -> str:
    """A Decimal travels as text, which becomes a number again where the default is one."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


def _headers(to_run: StepToRun) -> dict[str, str]:
    file = Path.cwd().parent / "runner-token"
    try:
        token = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StepError(
            f"{to_run.label}: can't read {file}", why=error.strerror, next_step="dp up"
        ) from None
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@contextmanager
def _connection(to_run: StepToRun) -> Iterator[http.client.HTTPConnection]:
    host, _, port = os.environ.get("DP_STEP_RUNNER", "").partition(":")
    address = (host, int(port)) if port else _ADDRESS
    connection = http.client.HTTPConnection(*address, timeout=_CONNECT_TIMEOUT)
    try:
        yield connection
    except (OSError, http.client.HTTPException) as error:
        raise StepError(
            f"{to_run.label}: the connection to the step runner broke",
            why=str(error) or type(error).__name__,
            next_step="dp up",
        ) from None
    finally:
        connection.close()


def _connected(connection: http.client.HTTPConnection, to_run: StepToRun) -> socket.socket:
    try:
        connection.connect()
    except OSError as error:
        raise StepError(
            f"{to_run.label}: can't reach the step runner", why=error.strerror, next_step="dp up"
        ) from None
    task: socket.socket = connection.sock
    # A step may be silent for any time.
    task.settimeout(None)
    task.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEP_ALIVE:
        task.setsockopt(socket.IPPROTO_TCP, option, value)
    return task


def _print_to_end(
    to_run: StepToRun, task: socket.socket, response: http.client.HTTPResponse
) -> None:
    try:
        end = _print_lines(response)
    except Stopped:
        _print_last_lines(task, response)
        raise
    if not end:
        raise StepError(
            f"{to_run.label}: the step runner ended, and the container with it", next_step="dp up"
        )
    if "error" in end:
        raise StepError(f"{to_run.label}: the step runner failed", why=end["error"])
    if end["reason"] is not None:
        raise StepError(f"{to_run.label}: the engine can't start the container", why=end["reason"])
    code = end["exitCode"]
    if code != 0:
        raise StepError(f"{to_run.label}: the container exited with code {code}", exit_code=code)


def _print_lines(response: http.client.HTTPResponse) -> dict[str, Any] | None:
    """Prints lines until the end, which it returns; None when the runner has gone before."""
    for line in response:
        message: dict[str, Any] = json.loads(line)
        if "line" not in message:
            return message
        write((redacted(message["line"]) + "\n").encode("utf-8", "backslashreplace"))
    return None


def _print_last_lines(task: socket.socket, response: http.client.HTTPResponse) -> None:
    """Asks the runner to stop the container, and prints what that still writes."""
    try:
        task.shutdown(socket.SHUT_WR)
        task.settimeout(_LAST_LINES)
        _print_lines(response)
    except (OSError, ValueError):
        # The runner stops the container in any case.
        return


def _reason(content: bytes) -> str:
    try:
        reason: str = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return content.decode("utf-8", "replace")
    return reason
