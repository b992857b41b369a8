"""Starts Airflow's components from one Python process, and ends when one of them does.

Importing Airflow takes more than a second of computing in each process. Here it is imported once;
the components are forked from it and run as `airflow api-server`, `scheduler` and `dag-processor`
would. `airflow standalone` keeps running when a component has died. Here the container ends with
the component's exit code, and its last line names the component.
"""

import gc
import importlib.metadata
import json
import os
import selectors
import signal
import sqlite3
import sys
import threading
import time
import traceback
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

COMPONENTS = ("api-server", "scheduler", "dag-processor")
# Most stacks never need it, so it starts with the first task that defers.
TRIGGERER = "triggerer"
# Migrated when the image was built; its entrypoint makes a new database of it.
SEED = Path("/usr/share/airflow-seed/airflow.db")
SQLITE = "sqlite:///"
REVISION = "SELECT version_num FROM alembic_version"
# Nothing of an earlier start is alive: what was killed must not count as running.
END_OLD_JOBS = "UPDATE job SET state = 'failed' WHERE state = 'running'"
# A triggerer that does not run yet must not count as one that has stopped.
FORGET_TRIGGERERS = "DELETE FROM job WHERE job_type = 'TriggererJob'"
# Deferred tasks have triggers, and so do watchers of assets.
ANY_TRIGGER = "SELECT 1 FROM trigger LIMIT 1"
TRIGGER_CHECK_S = 0.5
STOP_GRACE_S = 8.0
BUILD_AFTER_S = 0.5
NAME_WIDTH = 13

started_at = time.monotonic()


def say(text: str, after_s: float | None = None) -> None:
    when = "" if after_s is None else f"{after_s:6.2f} s  "
    write_line("dp", f"{when}{text}".encode())


def write_line(name: str, line: bytes) -> None:
    os.write(1, f"{name:{NAME_WIDTH}}| ".encode() + line + b"\n")


# ------------------------------------------------------------------------------------- database


def database_file() -> Path | None:
    """The file of a SQLite database; None for a server."""
    url, _, _ = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "").partition("?")
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def version_file(database: Path) -> Path:
    """Says which version of Airflow migrated a database that did not begin as the image's seed."""
    return database.with_name(f"{database.name}.version")


def airflow_version() -> str:
    return importlib.metadata.version("apache-airflow-core")


def needs_migration(database: Path | None) -> bool:
    if database is None:
        return True
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        return True
    if SEED.exists():
        # Nobody writes to the seed, and its folder can't take the files of a lock.
        seed = f"file:{SEED}?immutable=1"
        return query(f"file:{database}", REVISION) != query(seed, REVISION)
    known = version_file(database)
    return not known.exists() or known.read_text() != airflow_version()


def query(uri: str, statement: str) -> list[tuple]:
    """Runs a statement before Airflow is imported; nothing for a table that is not there."""
    connection = sqlite3.connect(uri, timeout=10, uri=True)
    try:
        with connection:
            return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def migrate() -> None:
    from airflow.utils import db

    db.initdb()
    reopen_database()
    database = database_file()
    if database is not None:
        version_file(database).write_text(airflow_version())
    say("database migrated", time.monotonic() - started_at)


def reopen_database() -> None:
    """A connection must not be shared by processes."""
    import airflow.settings

    airflow.settings.dispose_orm()
    airflow.settings.configure_orm()


# ----------------------------------------------------------------------------------- components


@dataclass
class Component:
    name: str
    pid: int
    output: int
    """Read end of the pipe that it writes to."""
    unfinished: bytes = b""


@dataclass
class Fleet:
    alive: dict[int, Component] = field(default_factory=dict)
    stopping_since: float | None = None

    def stop(self) -> None:
        if self.stopping_since is None:
            self.stopping_since = time.monotonic()
        for pid in self.alive:
            send(pid, signal.SIGTERM)

    def kill_late(self) -> None:
        if self.stopping_since is None or time.monotonic() < self.stopping_since + STOP_GRACE_S:
            return
        for pid in self.alive:
            send(pid, signal.SIGKILL, to_group=True)


def send(pid: int, number: signal.Signals, to_group: bool = False) -> None:
    try:
        (os.killpg if to_group else os.kill)(pid, number)
    except ProcessLookupError:
        pass


def spawn(name: str) -> Component:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        os.dup2(write_end, 1)
        os.dup2(write_end, 2)
        os.close(write_end)
        run(name)
    os.close(write_end)
    return Component(name, pid, read_end)


def run(name: str) -> None:
    """Runs a component in a forked process, and ends that with its exit code."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        import airflow.__main__
        from setproctitle import setproctitle

        setproctitle(f"airflow {name}")
        sys.argv = ["airflow", name]
        reopen_database()
        if name == "api-server":
            build_task_routes_aside()
        airflow.__main__.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def start_components() -> Fleet:
    fleet = Fleet()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: fleet.stop())
    slowest, *others = COMPONENTS
    spawn_into(fleet, slowest)
    # What the others share is imported while the slowest already works.
    import airflow.executors.executor_loader  # noqa: F401
    import airflow.executors.local_executor  # noqa: F401
    import airflow.jobs.dag_processor_job_runner  # noqa: F401
    import airflow.jobs.scheduler_job_runner  # noqa: F401
    import airflow.sdk.execution_time.supervisor  # noqa: F401

    gc.freeze()
    for name in others:
        spawn_into(fleet, name)
    say(f"started {', '.join(COMPONENTS)}", time.monotonic() - started_at)
    return fleet


def spawn_into(fleet: Fleet, name: str) -> Component:
    component = spawn(name)
    fleet.alive[component.pid] = component
    return component


# ---------------------------------------------------------------------------------- supervision


def supervise(fleet: Fleet) -> int:
    """Passes the components' output on until all have ended; returns the exit code for all."""
    cause: tuple[Component, int] | None = None
    outputs = selectors.DefaultSelector()
    for component in fleet.alive.values():
        outputs.register(component.output, selectors.EVENT_READ, component)
    triggers = TriggerWatch()
    while fleet.alive:
        if not fleet.stopping_since and triggers.appear():
            triggerer = spawn_into(fleet, TRIGGERER)
            outputs.register(triggerer.output, selectors.EVENT_READ, triggerer)
            say("started triggerer, because a task defers", time.monotonic() - started_at)
        for key, _ in outputs.select(timeout=0.5):
            if not pass_on(key.data):
                outputs.unregister(key.fd)
        for component, code in reap(fleet):
            pass_on(component)
            if fleet.stopping_since is None:
                cause = (component, code)
                fleet.stop()
        fleet.kill_late()
    if cause is None:
        return 0
    component, code = cause
    say(f"fatal: the {component.name} (pid {component.pid}) {describe_end(code)}")
    return code if code > 0 else 128 - code if code < 0 else 1


@dataclass
class TriggerWatch:
    """Looks for the first trigger in the database, at most twice in a second."""

    looks: bool = True
    next_look: float = 0.0

    def appear(self) -> bool:
        """Whether the first trigger has appeared since the last call; true once."""
        database, now = database_file(), time.monotonic()
        if not (self.looks and database) or now < self.next_look:
            return False
        self.next_look = now + TRIGGER_CHECK_S
        self.looks = query(f"file:{database}?mode=ro", ANY_TRIGGER) == []
        return not self.looks


def pass_on(component: Component) -> bool:
    """Passes on what a component has written; returns whether more may come."""
    os.set_blocking(component.output, False)
    try:
        data = os.read(component.output, 65536)
    except BlockingIOError:
        return True
    *lines, component.unfinished = (component.unfinished + data).split(b"\n")
    for line in lines:
        write_line(component.name, line)
    return data != b""


def reap(fleet: Fleet) -> list[tuple[Component, int]]:
    ended = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        component = fleet.alive.pop(pid, None)
        if component is not None:
            ended.append((component, os.waitstatus_to_exitcode(status)))


def describe_end(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


# --------------------------------------------------------------------------------------- warming


def build_task_routes_aside() -> None:
    """The API builds the routes for tasks at their first call, for seconds in which it answers nobody.
    Here a thread builds them when all is up, so that it goes on answering meanwhile."""
    try:
        import airflow.api_fastapi.app as api
        from cadwyn import Cadwyn

        create, build, lock = api.create_task_execution_api_app, Cadwyn._cadwyn_initialize, threading.Lock()
    except (ImportError, AttributeError):
        return  # Another version of Airflow: it does as it always does.

    def build_once(app: Cadwyn) -> None:
        with lock:
            if not app._cadwyn_initialized:
                build(app)

    def build_when_up(app: Cadwyn) -> None:
        base = f"http://127.0.0.1:{os.environ.get('AIRFLOW__API__PORT', '8080')}"
        while not is_healthy(base):
            time.sleep(0.2)
        time.sleep(BUILD_AFTER_S)
        build_once(app)
        print(f"ready for tasks after {time.monotonic() - started_at:.2f} s", flush=True)

    def create_and_build() -> Cadwyn:
        app = create()
        threading.Thread(target=build_when_up, args=(app,), daemon=True).start()
        return app

    Cadwyn._cadwyn_initialize = build_once
    api.create_task_execution_api_app = create_and_build


def is_healthy(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/api/v2/monitor/health", timeout=10) as response:
            parts = json.load(response)
            names = ("metadatabase", "scheduler", "dag_processor")
            return all(parts[name]["status"] == "healthy" for name in names)
    except (OSError, ValueError, KeyError):
        return False


def main() -> int:
    # Imports make many objects and hardly any garbage: 0.7 s less.
    gc.set_threshold(50_000, 20, 100)
    database = database_file()
    is_old = needs_migration(database)
    if database is not None and database.exists():
        query(f"file:{database}", END_OLD_JOBS)
        query(f"file:{database}", FORGET_TRIGGERERS)
    import airflow.__main__
    import airflow.cli.cli_parser  # noqa: F401
    import airflow.settings  # noqa: F401

    say(f"imported Airflow {airflow_version()}", time.monotonic() - started_at)
    if is_old:
        migrate()
    fleet = start_components()
    return supervise(fleet)


if __name__ == "__main__":
    sys.exit(main())
