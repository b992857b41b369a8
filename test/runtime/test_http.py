import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import psycopg
import pytest
from broker import Broker
from support import Project, http, move, to_table, to_topic

Answer = Callable[..., str]
Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]


def values(warehouse: psycopg.Connection) -> list[object]:
    return [row[0] for row in warehouse.execute("select a from t order by a").fetchall()]


@pytest.mark.parametrize(
    ("body", "records", "kind"),
    [
        ('[{"a": 1}, {"a": 2}]', None, "application/json"),
        ('\ufeff \n[{"a": 1}, {"a": 2}]', None, "application/json"),
        ('{"data": {"items": [{"a": 1}, {"a": 2}]}, "n": 2}', "data.items", "application/json"),
        ('{"a": 1}\r\n\n{"a": 2}', None, "application/x-ndjson; charset=utf-8"),
        ('{"a": 1}\n{"a": 2}\n', None, "application/jsonl"),
    ],
)
def test_all_shapes_of_answers_must_be_read(
    project: Project,
    warehouse: psycopg.Connection,
    answer: Answer,
    body: str,
    records: str | None,
    kind: str,
) -> None:
    project.step("s", move(http(answer(body, kind=kind), records=records), to_table("t")))
    assert project.run("s").moved == (2, 2, 0)
    assert values(warehouse) == [1, 2]


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson"])
def test_the_urls_ending_must_tell_json_lines(
    project: Project, warehouse: psycopg.Connection, answer: Answer, ending: str
) -> None:
    url = answer('{"a": 1}\n{"a": 2}\n', kind="text/plain") + f"/export{ending}?x=1"
    project.step("s", move(http(url), to_table("t")))
    assert project.run("s").moved == (2, 2, 0)
    assert values(warehouse) == [1, 2]


def test_one_object_must_be_one_record(
    project: Project, warehouse: psycopg.Connection, answer: Answer
) -> None:
    project.step("s", move(http(answer('{"a": 1, "b": [1, 2.5]}')), to_table("t")))
    assert project.run("s").moved == (1, 1, 0)
    assert warehouse.execute("select a, b from t").fetchall() == [(1, [1, 2.5])]


@pytest.mark.parametrize("body", ["", "[]", " \n"])
def test_an_empty_answer_must_be_no_records(
    project: Project, warehouse: psycopg.Connection, answer: Answer, body: str
) -> None:
    warehouse.execute("create table t (a int)")
    project.step("s", move(http(answer(body)), to_table("t")))
    assert project.run("s").moved == (0, 0, 0)
    assert values(warehouse) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"data": {"rows": []}}', "the answer has no data.items"),
        ('{"data": {"items": {"a": 1}}}', "data.items is an object, not a list"),
        ("[1]", "the answer has no data.items"),
    ],
)
def test_a_missing_list_must_be_an_error(
    project: Project, broker: Broker, answer: Answer, body: str, message: str
) -> None:
    topic = broker.make_topic()
    project.step("s", move(http(answer(body), records="data.items"), to_topic(topic)))
    failed = project.run("s")
    assert failed.code == 1
    assert message in failed.output


def test_an_empty_list_at_its_place_must_be_no_records(
    project: Project, broker: Broker, answer: Answer
) -> None:
    topic = broker.make_topic()
    url = answer('{"data": {"items": []}}')
    project.step("s", move(http(url, records="data.items"), to_topic(topic)))
    assert project.run("s").moved == (0, 0, 0)


def test_an_answer_of_500_must_be_shown(project: Project, broker: Broker, answer: Answer) -> None:
    topic = broker.make_topic()
    url = answer('{"error":\n "database is locked"}' + "x" * 1000, status=500)
    project.step("s", move(http(url + "/orders?token=abc123&day=1"), to_topic(topic)))
    failed = project.run("s")
    assert failed.code == 1
    assert f"error: GET {url}/orders?token=***&day=1: 500 Internal Server Error" in failed.lines
    why = next(line for line in failed.lines if "why:" in line)
    assert why.startswith('  why:  {"error": "database is locked"}xxx')
    assert len(why) <= 310
    assert "abc123" not in failed.output


def test_an_answer_that_ends_early_must_fail_after_what_it_had(
    project: Project, warehouse: psycopg.Connection, answer: Answer
) -> None:
    url = answer('[{"a": 1}, {"a": 2}, {"a"')
    project.step("s", move(http(url), to_table("t", "a"), batch=1))
    failed = project.run("s")
    assert failed.code == 1
    assert f"error: {url}: the answer is no valid JSON after record 2" in failed.lines
    assert values(warehouse) == [1, 2]


def test_a_bad_line_must_be_a_bad_record(project: Project, broker: Broker, answer: Answer) -> None:
    topic, dead = broker.make_topic(), broker.make_topic()
    url = answer('{"a": 1}\n\n{"a": NaN}\n[1]\n{"a": 2}\n', kind="application/x-ndjson")
    project.step("s", move(http(url), to_topic(topic), bad=f"topic:{dead}"))
    result = project.run("s")
    assert result.moved == (4, 2, 2)
    assert f"bad record {url}#3: the line is NaN is no JSON" in result.output
    assert [letter.value for letter in broker.read(dead)] == [b'{"a": NaN}', b"[1]"]


def test_params_headers_and_values_of_the_run_must_be_sent(
    project: Project, broker: Broker, serve: Serve
) -> None:
    seen: list[tuple[str, str | None]] = []

    def handler(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.path, request.headers["Authorization"]))
        request.send_response(204)
        request.end_headers()

    url = serve(handler) + "/orders?since={{ data_interval_start }}&x={{ params.x }}"
    source = http(
        url, params={"day": "{{ ds }}", "n": 5}, headers={"Authorization": "B {{ params.x }}"}
    )
    project.spec["pipelines"]["p"].update(schedule="0 0 * * *", params={"x": "a b&c"})
    project.step("s", move(source, to_topic(broker.make_topic())))
    assert project.run("s", DP_RUN_AFTER="2026-03-02T00:00:00Z").moved == (0, 0, 0)
    assert seen == [
        (
            "/orders?since=2026-03-01T00%3A00%3A00%2B00%3A00&x=a+b%26c&day=2026-03-01&n=5",
            "B a b&c",
        )
    ]


def test_sigterm_must_leave_nothing_of_an_append(
    project: Project, warehouse: psycopg.Connection, serve: Serve
) -> None:
    is_sent = threading.Event()

    def handler(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/x-ndjson")
        request.end_headers()
        request.wfile.write(b'{"a": 1}\n' * 1000)
        request.wfile.flush()
        is_sent.set()
        # The client goes away when it is stopped.
        while request.rfile.read(1):
            pass

    warehouse.execute("create table t (a int)")
    project.step("s", move(http(serve(handler)), to_table("t"), batch=100))
    process = project.start(["step", "p", "s"])
    assert is_sent.wait(30)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert values(warehouse) == []


def test_a_server_that_is_down_must_be_named_without_its_password(
    project: Project, broker: Broker
) -> None:
    topic = broker.make_topic()
    project.step("s", move(http("http://user:verysecret@127.0.0.1:1/orders"), to_topic(topic)))
    failed = project.run("s")
    assert failed.code == 1
    assert "error: GET http://127.0.0.1:1/orders: can't connect" in failed.output
    assert "verysecret" not in failed.output


def test_sigterm_must_not_wait_for_a_server_that_is_silent(
    project: Project, broker: Broker
) -> None:
    topic = broker.make_topic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        project.step("s", move(http(url), to_topic(topic)))
        process = project.start(["step", "p", "s"])
        connection, _ = server.accept()
        process.terminate()
        output, _ = process.communicate(timeout=30)
        connection.close()
    assert (process.returncode, output) == (143, "stopped by SIGTERM\n")


def test_memory_must_not_grow_with_the_answer(
    project: Project, broker: Broker, serve: Serve
) -> None:
    topic = broker.make_topic()
    line = json.dumps({"a": 1, "note": "x" * 1000}).encode() + b"\n"

    def handler(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/x-ndjson")
        request.end_headers()
        for _ in range(1000 if "small" in request.path else 60_000):
            request.wfile.write(line)

    url = serve(handler)
    peak = {}
    for size in ("small", "large"):
        project.step(size, move(http(f"{url}/{size}"), to_topic(topic)))
        peak[size] = _peak_memory(project, size)
    # 60 MB of records, of which a batch is half a megabyte.
    assert peak["large"] - peak["small"] < 20 * 1024


def _peak_memory(project: Project, step: str) -> int:
    """Returns the most memory that a step had, in KiB."""
    project.write(
        "peak.py",
        "import atexit, runpy, sys\n"
        "def say():\n"
        "    text = open('/proc/self/status').read()\n"
        "    print(text.partition('VmHWM:')[2].split()[0])\n"
        "atexit.register(say)\n"
        f"sys.argv = ['dp_runtime', 'step', 'p', {step!r}]\n"
        "runpy.run_module('dp_runtime', run_name='__main__')\n",
    )
    assert project.dp("check").code == 0
    output = subprocess.check_output(
        [sys.executable, "peak.py"], cwd=project.root, env=project.environment
    )
    return int(output.splitlines()[-1])
