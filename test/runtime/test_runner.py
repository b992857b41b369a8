import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support import RUNTIME, Project
from test_container import HOSTILE, container

sys.path.insert(0, str(RUNTIME.parent / "runner"))

from dp_runner.deployed import RefusedError, read_step
from dp_runner.engine import Lines
from dp_runner.request import InvalidRequestError, StepRequest, parse_request

VERSION = "0123456789abcdef"
REQUEST: dict[str, Any] = {
    "pipeline": "p",
    "step": "s",
    "version": VERSION,
    "run": "manual__2026-01-02T03:04:05+00:00",
    "attempt": 1,
    "interval": "2026-01-02T03:04:05+00:00",
    "params": {"who": HOSTILE},
}
SERVICE = {
    "entrypoint": [],
    "binds": [{"source": "/shop/dbt", "target": "/dbt", "readOnly": True}],
    "volumes": [{"name": "shop-api-data", "target": "/data"}],
    "projectFolder": "/shop",
    "memLimitBytes": 1024,
    "cpus": 0.5,
    "user": "1000",
    "stopTimeoutS": 3,
}


def request(**changes: object) -> StepRequest:
    return parse_request(json.dumps({**REQUEST, **changes}).encode())


def test_reads_a_request() -> None:
    assert request() == StepRequest(**REQUEST)


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "postgres"},
        {"pipeline": "P"},
        {"step": "a b"},
        {"step": ["s"]},
        {"version": "../../../etc"},
        {"version": f"{VERSION}\n"},
        {"run": ""},
        {"run": "a\nb"},
        {"run": "a\0b"},
        {"run": "a" * 251},
        {"attempt": 0},
        {"attempt": True},
        {"attempt": "1"},
        {"interval": None},
        {"params": None},
        {"params": {"who": None}},
        {"params": {"who": {"a": 1}}},
    ],
)
def test_rejects_a_request_with_another_form(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError):
        request(**changes)


@pytest.mark.parametrize("content", [b"", b"[]", b'"p"', b"{", b"\xff", b"[" * 100_000])
def test_rejects_what_is_not_a_json_object(content: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        parse_request(content)


def test_rejects_a_request_with_a_missing_key() -> None:
    for key in REQUEST:
        rest = {name: value for name, value in REQUEST.items() if name != key}
        with pytest.raises(InvalidRequestError, match=f"missing: {key}"):
            parse_request(json.dumps(rest).encode())


@pytest.fixture
def deployed(tmp_path: Path) -> Project:
    """A version of a project, where dp puts it."""
    folder = tmp_path / VERSION
    folder.mkdir()
    project = Project(folder)
    project.spec["pipelines"]["p"]["params"] = {"who": "x"}
    step = container("echo", "{{ params.who }}", A="{{ ds }}")
    step["run"].update(SERVICE)
    project.step("s", step)
    project.step("command", {"kind": "run", "run": {"type": "command", "command": "ls"}})
    return project


def deploy(project: Project) -> Path:
    (project.root / ".dp" / "pipeline.json").write_text(json.dumps(project.spec), encoding="utf-8")
    return project.root.parent


def test_takes_the_container_from_the_deployed_version(deployed: Project) -> None:
    step = read_step(request(), deploy(deployed))
    assert step.image == "dbt:1"
    assert step.command == ["echo", HOSTILE]
    assert step.environment == {"DP_RUN_ID": REQUEST["run"], "A": "2026-01-02"}
    assert (step.user, step.working_dir, step.stop_timeout) == ("1000", None, 3)
    assert step.host_config == {
        "Mounts": [
            {"Type": "volume", "Source": "shop-api-data", "Target": "/data"},
            {"Type": "bind", "Source": "/shop/dbt", "Target": "/dbt", "ReadOnly": True},
        ],
        "ExtraHosts": [],
        "Ulimits": [],
        "Memory": 1024,
        "NanoCpus": 500_000_000,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "f" * 16}, "the version ffffffffffffffff is not deployed"),
        ({"pipeline": "other"}, "other.s is not a deployed step in a container"),
        ({"step": "other"}, "p.other is not a deployed step in a container"),
        ({"step": "command"}, "p.command is not a deployed step in a container"),
    ],
)
def test_rejects_what_is_not_deployed(
    deployed: Project, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        read_step(request(**changes), deploy(deployed))


def test_rejects_an_undeclared_parameter(deployed: Project) -> None:
    with pytest.raises(RefusedError, match="error: p has no parameter image"):
        read_step(request(params={"image": "x"}), deploy(deployed))


@pytest.mark.parametrize(
    "source", ["/var/run/docker.sock", "/shop/../etc", "/shopping", "/shop/a/../../etc", "shop"]
)
def test_mounts_nothing_outside_the_project_folder(deployed: Project, source: str) -> None:
    run = deployed.spec["pipelines"]["p"]["steps"]["s"]["run"]
    run["binds"] = [{"source": source, "target": "/x", "readOnly": False}]
    with pytest.raises(RefusedError, match="is outside the project folder"):
        read_step(request(), deploy(deployed))


def frame(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def test_lines_span_frames_and_chunks() -> None:
    output = frame(1, b"one\ntw") + frame(2, b"wrong\r\n") + frame(1, b"o\nend \xff")
    for size in (1, 3, len(output)):
        lines = Lines()
        chunks = [output[at : at + size] for at in range(0, len(output), size)]
        got = [line for chunk in chunks for line in lines.feed(chunk)]
        assert [*got, *lines.end()] == ["one", "wrong", "two", "end \ufffd"]


def test_a_long_line_is_passed_on_in_parts() -> None:
    lines = Lines()
    assert [len(line) for line in lines.feed(frame(1, b"a" * 150_000))] == [65536, 65536]
    assert [len(line) for line in lines.end()] == [150_000 - 2 * 65536]
