import json
from typing import Any

import pytest
from support import Project

HOSTILE = 'a\'b "c" $(id) `id`; {{ ds }}\n--second'


def container(*command: str, **environment: str) -> dict[str, Any]:
    return {
        "kind": "run",
        "run": {"type": "container", "image": "dbt:1", "command": list(command)},
        "environment": environment,
    }


def filled(project: Project, **environment: str) -> dict[str, Any]:
    result = project.dp("container", "p", "s", environment=environment)
    assert result.code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.output)
    return parsed


def test_each_value_is_one_argument_or_variable(project: Project) -> None:
    project.spec["pipelines"]["p"]["params"] = {"who": "x", "n": 1}
    project.step("s", container("echo", "--who={{ params.who }}", "{{ params.n }}", A="{{ ds }}"))
    values = filled(
        project,
        DP_RUN_ID="r1",
        DP_RUN_AFTER="2026-01-02T03:04:05+00:00",
        DP_PARAMS=json.dumps({"who": HOSTILE, "n": 2}),
    )
    assert values["command"] == ["echo", f"--who={HOSTILE}", "2"]
    assert values["environment"] == {"DP_RUN_ID": "r1", "A": "2026-01-02"}


def test_the_environment_has_addresses_which_the_step_can_override(project: Project) -> None:
    project.spec["kafka"] = {"bootstrap": "kafka-1:9092"}
    project.spec["stores"]["my-store"] = {"type": "postgres", "url": "postgresql://a:b@c/d"}
    project.step("s", container(MY_STORE_URL="mine", URL="{{ my-store.url }}"))
    values = filled(project, DP_RUN_ID="r1")
    assert values["command"] == []
    assert values["environment"] == {
        "KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092",
        "MY_STORE_URL": "mine",
        "URL": "postgresql://a:b@c/d",
        "DP_RUN_ID": "r1",
    }


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"other": 1}, "error: p has no parameter other"),
        ({"who": "a\0b"}, "error: p.s: a value for its container has a NUL character"),
    ],
)
def test_rejects_values_that_no_container_can_have(
    project: Project, params: dict[str, object], message: str
) -> None:
    project.spec["pipelines"]["p"]["params"] = {"who": "x"}
    project.step("s", container("{{ params.who }}"))
    result = project.dp("container", "p", "s", environment={"DP_PARAMS": json.dumps(params)})
    assert result.code == 1
    assert result.lines[0] == message


def test_rejects_a_step_that_has_no_container(project: Project) -> None:
    project.step("s", {"kind": "run", "run": {"type": "command", "command": "ls"}})
    result = project.dp("container", "p", "s")
    assert result.lines == ["error: p.s does not run in a container"]
