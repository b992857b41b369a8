from collections.abc import Callable

import psycopg
import pytest
from broker import Broker
from support import Project, from_topic, http, move, to_table

Answer = Callable[..., str]
Warehouse = psycopg.Connection


def columns_of(warehouse: Warehouse, table: str) -> dict[str, str]:
    rows = warehouse.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0",
        [table],
    ).fetchall()
    return dict(rows)


def rows_of(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    return warehouse.execute(query.encode()).fetchall()


def test_a_table_must_be_made_from_the_records(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    url = answer(
        r'[{"id": 1, "name": "a\tb\n\\c", "price": 1, "paid": true, "tags": ["x"],'
        ' "none": null},'
        ' {"id": 2, "price": 2.5, "extra": {"a": null}, "big": 9223372036854775807}]'
    )
    project.step("s", move(http(url), to_table("orders", "id")))
    result = project.run("s")
    assert result.moved == (2, 2, 0)
    assert columns_of(warehouse, "orders") == {
        "id": "bigint",
        "name": "text",
        "price": "double precision",
        "paid": "boolean",
        "tags": "jsonb",
        "extra": "jsonb",
        "big": "bigint",
        "none": "text",
    }
    assert rows_of(warehouse, "select name, price, tags from orders where id = 1") == [
        ("a\tb\n\\c", 1.0, ["x"])
    ]


def test_a_column_must_be_added_when_a_record_brings_it(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"id": 1, "a": None}, {"id": 2, "a": None}, {"id": 3, "a": {"x": 1}}])
    project.step("s", move(from_topic(topic), to_table("t", "id"), batch=1))
    assert project.run("s").moved == (3, 3, 0)
    assert columns_of(warehouse, "t") == {"id": "bigint", "a": "jsonb"}
    assert rows_of(warehouse, "select id, a from t order by id") == [
        (1, None),
        (2, None),
        (3, {"x": 1}),
    ]


def test_upsert_must_leave_fields_alone_that_a_record_does_not_have(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"id": 1, "a": 1, "b": 1}, {"id": 1, "a": 2}, {"b": None, "id": 1}])
    project.step("s", move(from_topic(topic), to_table("t", "id")))
    assert project.run("s").moved == (3, 3, 0)
    assert rows_of(warehouse, "select id, a, b from t") == [(1, 2, None)]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_tombstone_must_delete_the_row_of_its_key(
    project: Project, warehouse: Warehouse, broker: Broker, batch: int
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"id": 1, "a": 1}, {"id": 2, "a": 2}, {"id": 3, "a": 3}], key="id")
    broker.tombstone(topic, b"1")
    broker.tombstone(topic, b'"3"')
    broker.tombstone(topic, b"99")
    broker.produce(topic, [{"id": 3, "b": 4}], key="id")
    project.step("s", move(from_topic(topic), to_table("t", "id"), batch=batch))
    assert project.run("s").moved == (7, 7, 0)
    assert rows_of(warehouse, "select id, a, b from t order by id") == [(2, 2, None), (3, None, 4)]


def test_a_tombstone_must_delete_by_a_key_of_two_columns(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"a": "x", "b": 1}, {"a": "x", "b": 2}])
    broker.tombstone(topic, b'{"a": "x", "b": 1}')
    project.step("s", move(from_topic(topic), to_table("t", "a", "b")))
    assert project.run("s").moved == (3, 3, 0)
    assert rows_of(warehouse, "select a, b from t") == [("x", 2)]
    broker.tombstone(topic, b"x")
    failed = project.run("s")
    assert failed.code == 1
    assert f"record {topic}:0:3: a tombstone whose key is no JSON object with a, b" in failed.output


def test_append_from_a_topic_must_add_a_batch_at_a_time(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"a": 1}, {"a": 1}, None, {"a": "text"}])
    project.step("s", move(from_topic(topic), to_table("t"), batch=2))
    failed = project.run("s")
    assert failed.code == 1
    assert rows_of(warehouse, "select a from t") == [(1,), (1,)]
    assert (
        f"error: p.s: record {topic}:0:3: warehouse.t: column a (bigint) can't hold 'text'"
        in failed.output
    )


def test_append_from_http_must_keep_all_or_nothing(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    url = answer('[{"a": 1}, {"a": 2}, {"a": 1.5}]')
    project.step("s", move(http(url), to_table("t"), batch=1))
    failed = project.run("s")
    assert failed.code == 1
    assert f"record {url}#3: warehouse.t: column a (bigint) can't hold 1.5" in failed.output
    assert columns_of(warehouse, "t") == {}


def test_meta_columns_must_make_a_topic_append_once(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"a": 1}, {"a": 1}])
    sink = to_table("t", "_topic", "_partition", "_offset")
    project.step("s", move(from_topic(topic), sink))
    project.step("again", move(from_topic(topic, "again"), sink))
    assert project.run("s").moved == (2, 2, 0)
    assert project.run("again").moved == (2, 2, 0)
    assert rows_of(warehouse, "select _topic, _partition, _offset, a from t order by 3") == [
        (topic, 0, 0, 1),
        (topic, 0, 1, 1),
    ]


def test_replace_must_swap_the_whole_table(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    warehouse.execute("create schema s; create table s.t (old int); insert into s.t values (1)")
    project.step("s", move(http(answer('[{"id": 1}, {"id": 2}]')), to_table("s.t", mode="replace")))
    assert project.run("s").moved == (2, 2, 0)
    assert project.run("s").moved == (2, 2, 0)
    assert rows_of(warehouse, "select * from s.t") == [(1,), (2,)]
    project.step("none", move(http(answer("[]")), to_table("s.t", mode="replace")))
    assert project.run("none").moved == (0, 0, 0)
    assert rows_of(warehouse, "select * from s.t") == []


def test_replace_must_leave_the_old_table_when_a_record_is_bad(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    warehouse.execute("create table t (id int); insert into t values (7)")
    url = answer('[{"id": 1}, {"id": 2}, 3]')
    project.step("s", move(http(url), to_table("t", mode="replace"), batch=1))
    failed = project.run("s")
    assert f"record {url}#3: it is a number, not a JSON object" in failed.output
    assert rows_of(warehouse, "select * from t") == [(7,)]


def test_replace_from_a_topic_must_hold_the_whole_topic_each_time(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"id": 1}])
    project.step("s", move(from_topic(topic), to_table("t", "id", mode="replace")))
    assert project.run("s").moved == (1, 1, 0)
    broker.produce(topic, [{"id": 2}, {"id": 1, "a": "x"}])
    assert project.run("s").moved == (3, 3, 0)
    assert rows_of(warehouse, "select id, a from t order by id") == [(1, "x"), (2, None)]


def test_an_existing_table_must_get_the_index_that_upsert_needs(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    warehouse.execute(
        'create table "Or""ders" (id int, at timestamptz, qty numeric(6,2) check (qty > 0))'
    )
    url = answer(
        '[{"id": 1, "at": "2026-01-01T00:00:00Z", "qty": "1.50"},'
        ' {"id": 1, "qty": 2}, {"id": 2, "qty": 0}, {"id": 3, "at": "never"}]'
    )
    project.step("s", move(http(url), to_table('Or"ders', "id"), bad="skip"))
    result = project.run("s")
    assert result.moved == (4, 2, 2)
    assert rows_of(warehouse, 'select id, qty::text from "Or""ders"') == [(1, "2.00")]
    assert f'bad record {url}#3: warehouse.Or"ders: new row' in result.output
    assert f'bad record {url}#4: warehouse.Or"ders: column at (timestamp with time zone)' in (
        result.output
    )


def test_doubles_in_an_existing_table_must_be_named(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    warehouse.execute("create table t (id int); insert into t values (7), (7)")
    project.step("s", move(http(answer('[{"id": 1}]')), to_table("t", "id")))
    failed = project.run("s")
    assert "table warehouse.t already has rows with the same unique key (id)" in failed.output
    assert "Key (id)=(7) is duplicated." in failed.output


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ('"abc"', "can't hold 'abc': a text is no whole number"),
        ("1.5", "can't hold 1.5: it is no whole number"),
        ("true", "can't hold true: a boolean is no whole number"),
        ("[1]", "can't hold [1]: a list is no whole number"),
        ("9223372036854775808", "is out of range for type bigint"),
    ],
)
def test_a_value_that_its_column_can_not_hold_must_be_bad(
    project: Project, warehouse: Warehouse, answer: Answer, value: str, why: str
) -> None:
    warehouse.execute("create table t (a bigint)")
    url = answer(f'[{{"a": 1}}, {{"a": {value}}}, {{"a": "12"}}, {{"a": 3.0}}]')
    project.step("s", move(http(url), to_table("t"), bad="skip"))
    result = project.run("s")
    assert result.moved == (4, 3, 1)
    assert rows_of(warehouse, "select a from t") == [(1,), (12,), (3,)]
    assert f"bad record {url}#2: warehouse.t: column a (bigint) " in result.output
    assert why in result.output


def test_what_postgres_can_not_hold_must_be_bad(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    lines = [
        r'{"a": "\u0000", "j": 1}',
        r'{"a": "\ud800"}',
        r'{"a": "ok", "j": {"x": "\u0000"}}',
        '{"a": "ü\u2028"}',
        "{}",
        '{"' + "n" * 64 + '": 1}',
        '{"": 1}',
    ]
    url = answer("\n".join(lines), kind="application/x-ndjson")
    project.step("s", move(http(url), to_table("t"), bad="skip"))
    result = project.run("s")
    assert result.moved == (7, 1, 6)
    assert rows_of(warehouse, "select a from t") == [("ü\u2028",)]


def test_a_missing_unique_key_must_be_bad(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    url = answer('[{"id": null, "a": 1}, {"a": 2}, {"id": 5, "a": 3}]')
    project.step("s", move(http(url), to_table("t", "id"), bad="skip"))
    result = project.run("s")
    assert result.moved == (3, 1, 2)
    assert f"bad record {url}#1: it has no id, which is part of the unique key" in result.output
    assert rows_of(warehouse, "select id, a from t") == [(5, 3)]


def test_a_view_on_the_table_must_be_named_when_it_can_not_be_replaced(
    project: Project, warehouse: Warehouse, answer: Answer
) -> None:
    warehouse.execute("create table t (id int); create view v as select * from t")
    project.step("s", move(http(answer('[{"id": 1}]')), to_table("t", mode="replace")))
    failed = project.run("s")
    assert failed.code == 1
    assert "can't replace table t" in failed.output
    assert "view v depends on table t" in failed.output


def test_records_of_many_shapes_must_all_be_written(
    project: Project, warehouse: Warehouse, broker: Broker
) -> None:
    topic = broker.make_topic()
    records: list[object] = [
        {"id": number, **{f"f{bit}": number for bit in range(8) if number >> bit & 1}}
        for number in range(256)
    ]
    broker.produce(topic, records)
    project.step("s", move(from_topic(topic), to_table("t", "id"), batch=64))
    assert project.run("s").moved == (256, 256, 0)
    assert rows_of(warehouse, "select count(*), sum(f0), sum(f7) from t") == [
        (256, sum(range(1, 256, 2)), sum(range(128, 256)))
    ]


def test_a_store_that_is_down_must_be_named_without_its_password(
    project: Project, answer: Answer
) -> None:
    project.spec["stores"]["warehouse"] = {
        "type": "postgres",
        "url": "postgresql://dp:verysecret@127.0.0.1:1/warehouse",
    }
    project.step("s", move(http(answer("[]")), to_table("t")))
    failed = project.run("s")
    assert failed.code == 1
    assert "error: can't reach store warehouse at 127.0.0.1:1" in failed.output
    assert "Connection refused" in failed.output
    assert "verysecret" not in failed.output
    assert "Traceback" not in failed.output
