import psycopg
from broker import Broker
from support import Project, move, to_table, to_topic


def test_rows_must_become_json(
    project: Project, warehouse: psycopg.Connection, broker: Broker
) -> None:
    warehouse.execute(
        "create schema s;"
        "create table s.t (id int, at timestamp, n numeric, tags text[], j jsonb);"
        "insert into s.t select n, '2026-01-01', 1.5, '{a,b}', '{\"x\": null}'"
        " from generate_series(1, 3) n"
    )
    topic = broker.make_topic()
    project.step(
        "s",
        move(
            {"type": "table", "store": "warehouse", "table": "s.t"}, to_topic(topic, "id"), batch=2
        ),
    )
    assert project.run("s").moved == (3, 3, 0)
    records = broker.read(topic)
    assert [record.key for record in records] == [b"1", b"2", b"3"]
    assert records[0].json == {
        "id": 1,
        "at": "2026-01-01T00:00:00",
        "n": 1.5,
        "tags": ["a", "b"],
        "j": {"x": None},
    }


def test_a_query_must_be_filled_and_keep_its_order(
    project: Project, warehouse: psycopg.Connection
) -> None:
    project.spec["pipelines"]["p"]["params"] = {"most": 3}
    query = (
        "select n as id, '100%s' as text from generate_series(1, {{ params.most }}) n"
        " order by 1 desc; -- the last first"
    )
    source = {"type": "query", "store": "warehouse", "query": query}
    project.step("s", move(source, to_table("t")))
    result = project.run("s")
    assert result.moved == (3, 3, 0)
    assert warehouse.execute("select * from t").fetchall() == [
        (3, "100%s"),
        (2, "100%s"),
        (1, "100%s"),
    ]


def test_an_error_in_a_query_must_name_its_line(
    project: Project, warehouse: psycopg.Connection
) -> None:
    warehouse.execute("create table t (a int)")
    source = {"type": "query", "store": "warehouse", "query": "select a,\n  nope\nfrom t"}
    project.step("s", move(source, to_table("u")))
    failed = project.run("s")
    assert failed.code == 1
    assert "error: can't read query of warehouse: line 2: nope" in failed.output
    assert 'column "nope" does not exist' in failed.output
