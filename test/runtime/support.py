"""A project folder with a pipeline.json, and steps that run in it as they do in a container."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

RUNTIME = Path(__file__).parents[2] / "templates" / "runtime"

Spec = dict[str, Any]


class StepResult(NamedTuple):
    code: int
    output: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    @property
    def counts(self) -> dict[str, int | None]:
        """What the last line of a step that succeeded says."""
        found: dict[str, int | None] = json.loads(self.lines[-1])
        return found

    @property
    def moved(self) -> tuple[int | None, int | None, int | None]:
        counts = self.counts
        return counts["recordsIn"], counts["recordsOut"], counts["recordsBad"]


class Project:
    """A code folder: the user's files, and dp's own part under .dp."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spec: Spec = {
            "version": 1,
            "stack": "shop",
            "kafka": None,
            "stores": {},
            "topics": {},
            "pipelines": {
                "p": {"schedule": None, "timezone": "UTC", "params": {}, "steps": {}},
            },
        }
        (root / ".dp").mkdir()
        (root / ".dp" / "dp_runtime").symlink_to(RUNTIME / "dp_runtime")

    @property
    def environment(self) -> dict[str, str]:
        """What steps run with; compiled files go to a folder that the tests of a run share."""
        compiled = str(self.root.parent / "compiled")
        return {
            **os.environ,
            "PYTHONPATH": ".dp",
            "PYTHONPYCACHEPREFIX": compiled,
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def step(self, name: str, step: Spec) -> None:
        self.spec["pipelines"]["p"]["steps"][name] = step

    def start(
        self,
        arguments: Sequence[str],
        environment: dict[str, str] | None = None,
        stdout: "int | IO[str]" = subprocess.PIPE,
        stderr: int = subprocess.STDOUT,
    ) -> "subprocess.Popen[str]":
        (self.root / ".dp" / "pipeline.json").write_text(json.dumps(self.spec), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-m", "dp_runtime", *arguments],
            cwd=self.root,
            env={**self.environment, **(environment or {})},
            stdout=stdout,
            stderr=stderr,
            text=True,
        )

    def dp(self, *arguments: str, environment: dict[str, str] | None = None) -> StepResult:
        process = self.start(arguments, environment)
        output, _ = process.communicate(timeout=120)
        return StepResult(process.returncode, output)

    def run(self, step: str, **environment: str) -> StepResult:
        return self.dp("step", "p", step, environment=environment)


def move(
    source: Spec,
    sink: Spec,
    *,
    transform: str | None = None,
    bad: str = "fail",
    batch: int = 500,
) -> Spec:
    """Returns a step; `transform` as file.py:function, `bad` as in pipeline.yaml."""
    file, _, function = (transform or "").partition(":")
    return {
        "kind": "move",
        "from": source,
        "transform": {"file": file, "function": function} if transform else None,
        "to": sink,
        "onBadRecord": {"action": "topic", "topic": bad.removeprefix("topic:")}
        if bad.startswith("topic:")
        else {"action": bad},
        "batch": batch,
        "environment": {},
    }


def http(url: str, **more: Any) -> Spec:
    return {"type": "http", "url": url, "params": {}, "headers": {}, "records": None, **more}


def from_topic(topic: str, step: str = "s") -> Spec:
    return {"type": "topic", "topic": topic, "group": f"dp.shop.{topic}.{step}"}


def to_topic(topic: str, key: str | None = None, **more: Any) -> Spec:
    return {"type": "topic", "topic": topic, "key": key, **more}


def to_table(table: str, *unique_key: str, mode: str | None = None) -> Spec:
    return {
        "type": "store",
        "store": "warehouse",
        "table": table,
        "mode": mode or ("upsert" if unique_key else "append"),
        "uniqueKey": list(unique_key) or None,
    }


def command(line: str, **environment: str) -> Spec:
    return {
        "kind": "run",
        "run": {"type": "command", "command": line},
        "environment": environment,
    }


def python(file: str, function: str) -> Spec:
    return {
        "kind": "run",
        "run": {"type": "python", "file": file, "function": function},
        "environment": {},
    }


def sql_file(file: str) -> Spec:
    return {
        "kind": "run",
        "run": {"type": "sql", "store": "warehouse", "file": file},
        "environment": {},
    }


MakeTopic = Callable[..., str]
