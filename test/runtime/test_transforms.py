from collections.abc import Callable

import psycopg
import pytest
from broker import Broker
from support import Project, from_topic, http, move, to_table, to_topic

Answer = Callable[..., str]


@pytest.fixture
def transform(
    project: Project, warehouse: psycopg.Connection, answer: Answer
) -> Callable[..., None]:
    """Makes step `s`, which moves three records through the function f of t.py into table t."""
    assert warehouse.info.dbname in project.spec["stores"]["warehouse"]["url"]

    def step(code: str, bad: str = "fail") -> None:
        project.write("t.py", code)
        url = answer('[{"id": 1}, {"id": 2}, {"id": 3}]')
        project.step("s", move(http(url), to_table("t", "id"), transform="t.py:f", bad=bad))

    return step


Transform = Callable[..., None]


def ids(warehouse: psycopg.Connection) -> list[object]:
    return [row[0] for row in warehouse.execute("select id from t order by id").fetchall()]


def test_none_must_drop_and_a_list_must_multiply(
    project: Project, warehouse: psycopg.Connection, transform: Transform
) -> None:
    transform(
        "def f(record):\n"
        "    if record['id'] == 1:\n"
        "        return None\n"
        "    return [record, {'id': record['id'] * 10}]\n"
    )
    assert project.run("s").moved == (3, 4, 0)
    assert ids(warehouse) == [2, 3, 20, 30]


@pytest.mark.parametrize("signature", ["record, ctx=None", "record, ctx", "record, *, ctx"])
def test_ctx_must_give_stores_params_log_and_run_id(
    project: Project, warehouse: psycopg.Connection, transform: Transform, signature: str
) -> None:
    warehouse.execute("create table names (id int, name text); insert into names values (2, 'b')")
    project.spec["pipelines"]["p"]["params"] = {"a": 1, "b": 2}
    transform(
        f"def f({signature}):\n"
        "    name = ctx.store('warehouse').execute(\n"
        "        'select name from names where id = %s', [record['id']]).fetchone()\n"
        "    ctx.log.info('looked up %s', record['id'])\n"
        "    return record | {'name': name and name[0], 'p': ctx.params, 'run': ctx.run_id}\n"
    )
    result = project.run("s", DP_PARAMS='{"b": 3}', DP_RUN_ID="r1")
    assert result.moved == (3, 3, 0)
    assert "INFO looked up 1" in result.lines
    rows = warehouse.execute("select name, p, run from t where id = 2").fetchall()
    assert rows == [("b", {"a": 1, "b": 3}, "r1")]


@pytest.mark.parametrize(
    "annotation", ["list[dict]", "'list[dict]'", "List[Dict[str, object]]", "list"]
)
def test_a_list_as_parameter_must_get_the_batch(
    project: Project, warehouse: psycopg.Connection, transform: Transform, annotation: str
) -> None:
    transform(
        "from typing import Dict, List\n"
        f"def f(records: {annotation}):\n"
        "    return [{'id': r['id'], 'of': len(records)} for r in records]\n"
    )
    assert project.run("s").moved == (3, 3, 0)
    assert warehouse.execute("select distinct of from t").fetchall() == [(3,)]


def test_a_batch_that_raises_must_be_tried_record_by_record(
    project: Project, warehouse: psycopg.Connection, transform: Transform
) -> None:
    transform(
        "def f(records: list[dict]):\n    return [{'id': 6 // (r['id'] - 2)} for r in records]\n",
        bad="skip",
    )
    result = project.run("s")
    assert result.moved == (3, 2, 1)
    assert ids(warehouse) == [-6, 6]
    assert "#2: t.py:2 in <listcomp>: ZeroDivisionError" in result.output


def test_a_batch_that_fails_for_no_record_alone_must_fail_the_step(
    project: Project, transform: Transform
) -> None:
    transform("def f(records: list[dict]):\n    assert len(records) < 2\n", bad="skip")
    failed = project.run("s")
    assert failed.code == 1
    assert "fails for a batch of 3 records, but for none of them alone: t.py:2 in f" in (
        failed.output
    )


def test_the_batch_form_must_keep_keys_with_records_only(project: Project, broker: Broker) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [{"id": 1}, {"id": 2}], key="id")
    project.write(
        "t.py", "def f(rs: list[dict]):\n    return [r | {'x': 1} for r in reversed(rs)]\n"
    )
    step = move(from_topic(topic), to_topic(copy), transform="t.py:f")
    project.step("s", step)
    assert project.run("s").moved == (2, 2, 0)
    assert [(record.key, record.json) for record in broker.read(copy)] == [
        (b"2", {"id": 2, "x": 1}),
        (b"1", {"id": 1, "x": 1}),
    ]
    project.write("t.py", "def f(rs: list[dict]):\n    return [{'x': 1} for r in reversed(rs)]\n")
    broker.produce(topic, [{"id": 3}, {"id": 4}], key="id")
    failed = project.run("s")
    assert failed.code == 1
    assert "returned a plain dict for a batch, so that its key is unknown" in failed.output


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(r):\n    return 1\n", "the transform returned a number, not a dict"),
        ("def f(r):\n    yield r\n", "the transform returned a Python generator"),
        ("def f(r):\n    return [1]\n", "the transform returned a list with a number"),
        ("async def f(r):\n    return r\n", "p.s: t.py:f is async, and dp calls plain functions"),
        ("def f():\n    pass\n", "p.s: t.py:f takes no record"),
        ("x = 1\n", "p.s: t.py has no function f"),
        ("def f(r):\n    return {'id': object()}\n", "a Python object is no JSON value"),
        ("def f(r:\n", "p.s: t.py does not load: t.py:1: SyntaxError: "),
        ("import nothing_here\n", "t.py does not load: t.py:1 in <module>: ModuleNotFoundError"),
        ("import nothing_here.x\n", 'add the package of "nothing_here" to python.requirements'),
    ],
)
def test_what_is_wrong_with_a_transform_must_be_said(
    project: Project, transform: Transform, code: str, message: str
) -> None:
    transform(code)
    failed = project.run("s")
    assert failed.code == 1
    assert message in failed.output
    assert "dp_runtime" not in failed.output


def test_a_store_that_is_not_there_must_fail_the_step_and_no_record(
    project: Project, transform: Transform
) -> None:
    transform("def f(r, ctx):\n    return ctx.store('lake')\n", bad="skip")
    failed = project.run("s")
    assert failed.lines == ["error: no store is called lake", "  why:  there are: warehouse"]


def test_a_failure_must_show_the_frames_of_the_project_only(
    project: Project, transform: Transform
) -> None:
    project.write("lib/helpers.py", "import json\ndef parse(t):\n    return json.loads(t)\n")
    transform("from lib.helpers import parse\ndef f(r):\n    return parse('{')\n")
    failed = project.run("s")
    assert failed.lines[:4] == [
        "  t.py:3 in f",
        "    return parse('{')",
        "  lib/helpers.py:3 in parse",
        "    return json.loads(t)",
    ]
    assert "lib/helpers.py:3 in parse: JSONDecodeError" in failed.lines[4]
    assert "Traceback" not in failed.output
    assert "json/decoder.py" not in failed.output


def test_files_of_the_project_must_not_hide_modules_of_python(
    project: Project, warehouse: psycopg.Connection, transform: Transform
) -> None:
    for name in ("json", "queue", "http", "kafka", "selectors", "decimal"):
        project.write(f"{name}.py", "x = 1\n")
    project.write("beside.py", "import queue\nassert queue.Queue\nY = 5\n")
    transform("from beside import Y\ndef f(r):\n    return {'id': Y}\n")
    assert project.run("s").moved == (3, 3, 0)
    assert ids(warehouse) == [5]
