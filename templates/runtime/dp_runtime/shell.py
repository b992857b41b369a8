import os
import selectors
import signal
import subprocess
import time
from typing import IO

from .output import OutputError, write
from .stop import Stopped

# Seconds between SIGTERM and SIGKILL for a command that does not end.
_GRACE = 5.0
_POLL = 0.1


def run_shell(command: str, environment: dict[str, str]) -> int:
    """Runs a command line with its output in ours, and returns its exit code (128 + signal).

    When this process is asked to stop, so are all of the command's processes.
    """
    write(b"")
    process = subprocess.Popen(
        command,
        shell=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    try:
        _pass_output(process)
    except Stopped as stopped:
        _end_group(process, stopped.signal_number)
        raise
    except OutputError:
        _end_group(process, signal.SIGPIPE)
        raise
    code = process.wait()
    return 128 - code if code < 0 else code


def _pass_output(process: "subprocess.Popen[bytes]") -> None:
    """Copies the output until the command ends, with a newline at its end.

    Children that it leaves behind may keep the pipe open: they are not waited for.
    """
    if process.stdout is None:
        return
    ends_line = True
    with process.stdout as output, selectors.DefaultSelector() as selector:
        os.set_blocking(output.fileno(), False)
        selector.register(output, selectors.EVENT_READ)
        while True:
            has_ended = process.poll() is not None
            selector.select(0 if has_ended else _POLL)
            chunk = _available(output)
            if chunk:
                write(chunk)
                ends_line = chunk.endswith(b"\n")
            elif chunk == b"" or has_ended:
                break
    if not ends_line:
        write(b"\n")


def _available(output: IO[bytes]) -> bytes | None:
    """Returns what is there to read, nothing at the end, None when there is nothing yet."""
    try:
        return os.read(output.fileno(), 65536)
    except BlockingIOError:
        return None


def _end_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    _signal_group(process, number)
    deadline = time.monotonic() + _GRACE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(_POLL / 10)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        # All of the group's processes have ended.
        return
