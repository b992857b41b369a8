import os
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from support import Project, command, http, move, python, sql_file, to_topic


def test_a_command_must_find_addresses_and_values_in_its_environment(project: Project) -> None:
    project.spec["kafka"] = {"bootstrap": "kafka-1:9092"}
    project.spec["stores"]["my-store"] = {"type": "postgres", "url": "postgresql://a@b/c"}
    line = (
        'echo "$KAFKA_BOOTSTRAP_SERVERS $MY_STORE_URL $DP_RUN_ID $DAY {{ ds }} $PYTHONPATH|"; pwd'
    )
    project.step("s", command(line, DAY="{{ params.day }}"))
    project.spec["pipelines"]["p"]["params"] = {"day": 7}
    result = project.run("s", DP_RUN_ID="r1", DP_RUN_AFTER="2026-01-02T03:04:05+00:00")
    assert result.lines[:2] == [
        "kafka-1:9092 postgresql://a@b/c r1 7 2026-01-02 |",
        str(project.root),
    ]
    assert result.moved == (None, None, None)


def test_python_of_a_command_must_be_the_one_that_runs_steps(project: Project) -> None:
    project.step("s", command("python -c 'import psycopg; print(psycopg.__name__)'"))
    assert project.run("s").lines[0] == "psycopg"


def test_an_exit_code_must_be_passed_on(project: Project) -> None:
    project.step("s", command("echo before; exit 7"))
    failed = project.run("s")
    assert failed.code == 7
    assert failed.lines == ["before", "error: p.s: the command ended with exit code 7"]


def test_the_result_must_have_its_own_line(project: Project) -> None:
    project.step("s", command("printf end"))
    result = project.run("s")
    assert result.lines[0] == "end"
    assert result.counts["recordsIn"] is None


def test_what_a_command_leaves_behind_must_not_be_waited_for(project: Project) -> None:
    project.step("s", command("sleep 20 & echo $!"))
    began = time.monotonic()
    process = project.start(["step", "p", "s"])
    assert process.wait(timeout=15) == 0
    assert time.monotonic() - began < 15
    assert process.stdout is not None
    project.step("end", command(f"kill {process.stdout.readline().strip()}"))
    assert project.run("end").code == 0


def test_sigterm_must_end_all_processes_of_a_command(project: Project) -> None:
    project.step("s", command("sh -c 'trap \"\" TERM; echo $$; sleep 30' ; echo never"))
    process = project.start(["step", "p", "s"])
    assert process.stdout is not None
    child = process.stdout.readline().strip()
    process.terminate()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "never" not in output
    # A zombie is an ended process that nobody has asked about yet.
    project.step("ended", command(f"! grep State: /proc/{child}/status | grep -v zombie"))
    assert project.run("ended").code == 0


@pytest.mark.parametrize("signature", ["", "ctx", "ctx=None"])
def test_a_function_must_be_called_with_ctx_or_nothing(project: Project, signature: str) -> None:
    body = "ctx.run_id" if signature else "'r1'"
    project.write("scripts/x.py", f"def main({signature}):\n    print('run', {body})\n")
    project.step("s", python("scripts/x.py", "main"))
    result = project.run("s", DP_RUN_ID="r1")
    assert result.lines[0] == "run r1"
    assert result.moved == (None, None, None)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def main():\n    {}['k']\n", "error: p.s: scripts/x.py:2 in main: KeyError: 'k'"),
        ("import sys\ndef main():\n    sys.exit(3)\n", "called sys.exit(3)"),
        ("async def main():\n    pass\n", "is async"),
        ("def main(a, b):\n    pass\n", "wants 2 arguments"),
        ("def main(ctx):\n    ctx.store('none')\n", "error: no store is called none"),
    ],
)
def test_a_function_that_fails_must_be_shown(project: Project, code: str, message: str) -> None:
    project.write("scripts/x.py", code)
    project.step("s", python("scripts/x.py", "main"))
    failed = project.run("s")
    assert failed.code == 1
    assert message in failed.output
    assert "dp_runtime" not in failed.output


def test_ctx_store_must_say_which_stores_it_is_for(project: Project) -> None:
    project.spec["stores"]["the-cache"] = {"type": "redis", "url": "redis://:secret@cache:6379/0"}
    project.write("scripts/x.py", "def main(ctx):\n    ctx.store('the-cache')\n")
    project.step("s", python("scripts/x.py", "main"))
    failed = project.run("s")
    assert failed.code == 1
    assert (
        "error: ctx.store connects to Postgres stores only, and the-cache is none" in failed.output
    )
    assert "THE_CACHE_URL" in failed.output


def test_an_sql_file_must_be_one_transaction(
    project: Project, warehouse: psycopg.Connection
) -> None:
    project.write(
        "sql/daily.sql",
        "create table t (a int, day date);\n"
        "insert into t select n, '{{ ds }}' from generate_series(1, 5) n; -- 100%s\n",
    )
    project.step("s", sql_file("sql/daily.sql"))
    result = project.run("s", DP_RUN_AFTER="2026-02-03T00:00:00Z")
    assert result.lines[0] == "sql/daily.sql: 2 statements, 5 rows"
    assert warehouse.execute("select count(*), min(day)::text from t").fetchone() == (
        5,
        "2026-02-03",
    )
    project.write("sql/daily.sql", "delete from t;\n\nselect nope from t;\n")
    failed = project.run("s")
    assert failed.code == 1
    assert "error: p.s: sql/daily.sql:3" in failed.output
    assert 'column "nope" does not exist' in failed.output
    assert warehouse.execute("select count(*) from t").fetchone() == (5,)


@pytest.mark.parametrize(
    "url", ["postgresql://dp:verysecret@[bad/x", "postgresql://dp:verysecret@h:x1/d"]
)
def test_a_url_that_is_not_valid_must_not_be_printed(project: Project, url: str) -> None:
    project.spec["stores"]["warehouse"] = {"type": "postgres", "url": url}
    project.write("x.sql", "select 1")
    project.step("s", sql_file("x.sql"))
    failed = project.run("s")
    assert failed.code == 1
    assert "the URL of store warehouse is not valid" in failed.output
    assert "verysecret" not in failed.output


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"version": 2}, "pipeline.json: version must be 1, but is a number"),
        ({"stores": {"w": {}}}, "pipeline.json: stores.w.url must be a text, but is null"),
        ({"pipelines": []}, "pipeline.json: pipelines must be an object, but is a list"),
    ],
)
def test_a_wrong_pipeline_json_must_be_named(
    project: Project, broken: dict[str, object], message: str
) -> None:
    project.step("s", command("true"))
    project.spec.update(broken)
    failed = project.run("s")
    assert failed.code == 1
    assert f"error: {message}" in failed.output


def test_an_unknown_step_must_name_those_that_are_there(project: Project) -> None:
    project.step("fetch", command("true"))
    failed = project.run("fetsch")
    assert failed.lines == [
        "error: no step of pipeline p is called fetsch",
        "  why:  there are: fetch",
    ]


def test_an_unknown_name_in_a_template_must_be_refused(project: Project) -> None:
    project.step("s", command("echo {{ nope }}"))
    failed = project.run("s")
    assert failed.code == 1
    assert "error: p.s.run: nothing is called {{ nope }}" in failed.output


def test_a_step_must_load_only_what_its_ends_need(project: Project) -> None:
    project.write("seen.py", "import sys\ndef main():\n    print(sorted(sys.modules))\n")
    project.step("s", python("seen.py", "main"))
    modules = project.run("s").lines[0]
    for heavy in ("confluent_kafka", "psycopg", "httpx", "ijson", "croniter"):
        assert f"'{heavy}'" not in modules


def test_kafka_must_not_be_loaded_to_say_that_there_is_none(project: Project) -> None:
    project.step("s", move(http("http://127.0.0.1:1"), to_topic("t")))
    failed = project.run("s")
    assert "error: p.s needs Kafka, and this project has none" in failed.lines


_PRINTING = "def run():\n    print('line')\n"


@pytest.mark.parametrize("what", ["command", "python", "check"])
def test_output_that_can_not_be_written_fails_with_the_reason(project: Project, what: str) -> None:
    step = command("echo line; sleep 30") if what == "command" else python("t.py", "run")
    project.write("t.py", "def no(:\n" if what == "check" else _PRINTING)
    project.step("s", step)
    arguments = ["check"] if what == "check" else ["step", "p", "s"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = project.start(arguments, stdout=full, stderr=subprocess.PIPE)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors == "error: can't write to stdout: No space left on device\n"


def test_a_reader_that_has_gone_ends_a_step_without_a_message(project: Project) -> None:
    project.step("s", command("echo line; sleep 30"))
    reader, writer = os.pipe()
    os.close(reader)
    process = project.start(["step", "p", "s"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (1, "")
