"""One attempt of a step: its containers, from their creation to their removal."""

import secrets
import select
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from .deployed import DeployedStep
from .engine import Engine, EngineError, Lines
from .request import StepRequest

# A task that was stopped is killed a few seconds later: its container must not outlive it for long.
_LONGEST_GRACE = 5
_POLL = 1.0
# The containers of the runner, beside those of local runs.
LABEL = {"dp.step-runner": "1"}


class Runner(NamedTuple):
    """The runner's own container: its steps are of the same stack."""

    engine: Engine
    image: str
    labels: dict[str, str]
    network: str
    project: str


class Outcome(NamedTuple):
    exit_code: int
    reason: str | None
    """What kept the container from starting."""


def run_attempt(
    runner: Runner,
    request: StepRequest,
    step: DeployedStep,
    task: socket.socket,
    on_line: Callable[[str], None],
) -> Outcome:
    """Runs the container of a step until it ends, or until the task does, and removes it.

    `task` is the connection of the task that asked: the system closes it when the task ends,
    however that comes. A container of an earlier attempt is removed first.
    """
    engine = runner.engine
    of_step = {
        "dp.project": runner.project,
        "dp.kind": "run",
        "dp.step": f"{request.pipeline}.{request.step}",
        "dp.run": request.run,
    }
    for container in engine.containers_with(of_step):
        engine.remove(container)
    name = f"{runner.project}-step-{secrets.token_hex(4)}"
    labels = {**runner.labels, **of_step, **LABEL, "dp.attempt": str(request.attempt)}
    with _Lease(runner, f"{name}-lease", labels) as lease:
        body = _container_body(
            runner, step, {**labels, "dp.service": name[len(runner.project) + 1 :]}
        )
        body["HostConfig"]["PidMode"] = f"container:{lease.container}"
        try:
            container = engine.create(name, body)
        except EngineError as error:
            return Outcome(1, str(error))
        try:
            return _follow(engine, container, step, task, on_line)
        finally:
            engine.remove(container)


class _Lease:
    """A container whose only process ends with the connection of the runner, however that ends.

    The container of the step shares its process namespace: when the first process of a namespace
    ends, the kernel kills all others. So nothing runs on after a kill of the runner.
    https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
    """

    def __init__(self, runner: Runner, name: str, labels: dict[str, str]) -> None:
        self._engine = runner.engine
        self.container = runner.engine.create(
            name,
            {
                "Image": runner.image,
                "Entrypoint": ["/bin/cat"],
                "Cmd": [],
                "User": "65534:65534",
                "OpenStdin": True,
                "StdinOnce": True,
                "AttachStdin": True,
                "Labels": {**labels, "dp.service": name[len(runner.project) + 1 :]},
                "HostConfig": {"AutoRemove": True, "NetworkMode": "none", "CapDrop": ["ALL"]},
            },
        )
        self._stdin: socket.socket | None = None

    def __enter__(self) -> "_Lease":
        try:
            self._stdin = self._engine.attach(self.container, ("stdin",))
            self._engine.start(self.container)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._stdin is not None:
            self._stdin.close()
        self._engine.remove(self.container)


def _container_body(runner: Runner, step: DeployedStep, labels: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Image": step.image,
        "Env": [f"{name}={value}" for name, value in step.environment.items()],
        "AttachStdout": True,
        "AttachStderr": True,
        "Labels": labels,
        "HostConfig": {**step.host_config, "AutoRemove": True, "NetworkMode": runner.network},
    }
    if step.entrypoint:
        body["Entrypoint"] = step.entrypoint
    if step.command:
        body["Cmd"] = step.command
    if step.user is not None:
        body["User"] = step.user
    if step.working_dir is not None:
        body["WorkingDir"] = step.working_dir
    return body


def _follow(
    engine: Engine,
    container: str,
    step: DeployedStep,
    task: socket.socket,
    on_line: Callable[[str], None],
) -> Outcome:
    # Both begin before the start: a short program may have ended right after it.
    with (
        engine.watch_end(container) as end,
        engine.attach(container, ("stdout", "stderr")) as output,
    ):
        try:
            engine.start(container)
        except EngineError as error:
            return Outcome(1, str(error))
        lines = Lines()
        watched = [output, task]
        while True:
            readable, _, _ = select.select(watched, [], [], _POLL)
            if task in readable and _has_ended(task):
                watched.remove(task)
                # Its output is read meanwhile: a program may print while it stops.
                _stop_aside(engine, container, min(step.stop_timeout, _LONGEST_GRACE))
            if output in readable:
                data = output.recv(65536)
                if data == b"":
                    break
                for line in lines.feed(data):
                    on_line(line)
        for line in lines.end():
            on_line(line)
        return Outcome(end.exit_code(), None)


def _has_ended(task: socket.socket) -> bool:
    try:
        return task.recv(4096) == b""
    except OSError:
        return True


def _stop_aside(engine: Engine, container: str, seconds: int) -> None:
    from threading import Thread

    Thread(target=engine.stop, args=(container, seconds), daemon=True).start()
