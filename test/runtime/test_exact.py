"""Numbers keep all their digits where no function changes the records."""

from collections.abc import Callable

import psycopg
import pytest
from broker import Broker
from support import Project, from_topic, http, move, to_table, to_topic

Answer = Callable[..., str]

# A zero at the end of a number, more digits than a double has, beyond a double, a field twice.
ODD = (
    b'{"id": 1, "a":1.10, "b":0.1234567890123456789, "c":1e400, "d":[12345678901234567890.5],"d":2}'
)


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_topic_to_topic_copies_the_bytes(project: Project, broker: Broker, delivery: str) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    values: list[object] = [ODD, b'{"u": "\\ud800 \\u00e9"}', b"", None]
    broker.produce(topic, values)
    project.step("s", move(from_topic(topic), to_topic(copy, delivery=delivery)))
    assert project.run("s").moved == (4, 4, 0)
    assert [record.value for record in broker.read(copy)] == values


def test_a_key_of_a_field_has_its_digits(project: Project, broker: Broker) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [b'{"k":1.10}', b'{"k":12345678901234567890123}', b'{"k":1e3}'])
    project.step("s", move(from_topic(topic), to_topic(copy, "k")))
    assert project.run("s").moved == (3, 3, 0)
    keys = [record.key for record in broker.read(copy)]
    assert keys == [b"1.10", b"12345678901234567890123", b"1000"]


def test_a_table_gets_the_digits_that_its_columns_hold(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic()
    broker.produce(
        topic,
        [b'{"n":1.10,"t":1.10,"j":{"x":[1.10,0.1234567890123456789]},"f":1.10,"i":2.0,"v":1e3}'],
    )
    warehouse.execute("create table t (n numeric, t text, j jsonb, f float8, i int, v varchar)")
    project.step("s", move(from_topic(topic), to_table("t")))
    assert project.run("s").moved == (1, 1, 0)
    assert warehouse.execute("select n::text, t, j::text, f, i, v from t").fetchone() == (
        "1.10",
        "1.10",
        '{"x": [1.10, 0.1234567890123456789]}',
        1.1,
        2,
        "1000",
    )


def test_a_new_column_is_numeric_where_a_double_would_change_digits(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [ODD, b'{"id": 12345678901234567890, "b": 2.5}'])
    project.step("s", move(from_topic(topic), to_table("t")))
    assert project.run("s").moved == (2, 2, 0)
    found = warehouse.execute(
        "select pg_typeof(a)::text, pg_typeof(b)::text, pg_typeof(c)::text, b::text, c = 1e400"
        " from t where id = 1"
    ).fetchone()
    assert found == ("double precision", "numeric", "numeric", "0.1234567890123456789", True)


def test_what_a_column_can_not_hold_is_told_with_its_digits(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic()
    values = [b'{"f":1e400}', b'{"i":1.10}', b'{"i":1e30}', b'{"i":{"x":1.10}}']
    broker.produce(topic, [*values, b'{"i":' + b"1" * 5000 + b"}"])
    warehouse.execute("create table t (f float8, i bigint)")
    project.step("s", move(from_topic(topic), to_table("t"), bad="skip"))
    result = project.run("s")
    assert result.moved == (5, 0, 5)
    assert '"1E+400" is out of range for type double precision' in result.output
    assert f'"1{"0" * 30}" is out of range for type bigint' in result.output
    assert "column i (bigint) can't hold 1.10: it is no whole number" in result.output
    assert 'can\'t hold {"x":1.10}: an object is no whole number' in result.output
    assert ":4: the value is JSON with a number that is too large" in result.output


def test_an_answer_keeps_its_digits(project: Project, broker: Broker, answer: Answer) -> None:
    topic, lines = broker.make_topic(), broker.make_topic()
    url = answer(b"[\n  " + ODD + b",\n  7]")
    project.step("s", move(http(url), to_topic(topic), bad=f"topic:{lines}"))
    assert project.run("s").moved == (2, 1, 1)
    assert [record.value for record in broker.read(topic)] == [
        b'{"id":1,"a":1.10,"b":0.1234567890123456789,"c":1E+400,"d":2}'
    ]
    lines = broker.make_topic()
    url = answer(ODD + b"\r\n", kind="application/x-ndjson")
    project.step("s", move(http(url), to_topic(lines)))
    assert project.run("s").moved == (1, 1, 0)
    assert [record.value for record in broker.read(lines)] == [ODD]


def test_rows_keep_their_digits(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    warehouse.execute("create table t as select 1.10::numeric(30, 20) as n, 1.10 as m")
    topic = broker.make_topic()
    source = {"type": "table", "store": "warehouse", "table": "t"}
    project.step("s", move(source, to_topic(topic)))
    assert project.run("s").moved == (1, 1, 0)
    project.step("r", move(source, to_table("u")))
    warehouse.execute("create table u (n numeric, m numeric)")
    assert project.run("r").moved == (1, 1, 0)
    assert [record.value for record in broker.read(topic)] == [
        b'{"n":1.10000000000000000000,"m":1.10}'
    ]
    assert warehouse.execute("select n::text, m::text from u").fetchone() == (
        "1.10000000000000000000",
        "1.10",
    )


def test_a_function_gets_floats_and_may_return_decimals(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [b'{"n": 1.10, "i": 12345678901234567890, "o": {"x": 1.10}}'])
    project.write(
        "t.py",
        "from decimal import Decimal\n"
        "def f(record):\n"
        "    assert (type(record['n']), type(record['i'])) == (float, int)\n"
        "    exact = Decimal(str(record['n'])).quantize(Decimal('0.01'))\n"
        "    return record | {'d': exact, 'o': {'x': [exact]}}\n",
    )
    warehouse.execute("create table t (n numeric, i numeric, d numeric, o jsonb)")
    project.step("s", move(from_topic(topic), to_topic(copy), transform="t.py:f"))
    project.step("r", move(from_topic(topic, "r"), to_table("t"), transform="t.py:f"))
    assert project.run("s").moved == (1, 1, 0)
    assert project.run("r").moved == (1, 1, 0)
    assert [record.value for record in broker.read(copy)] == [
        b'{"n":1.1,"i":12345678901234567890,"o":{"x":[1.10]},"d":1.10}'
    ]
    assert warehouse.execute("select n::text, i::text, d::text, o::text from t").fetchone() == (
        "1.1",
        "12345678901234567890",
        "1.10",
        '{"x": [1.10]}',
    )


def test_a_tombstone_deletes_the_row_whose_text_is_its_key(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic()
    ids = ["4e10", "007", "1.10", "kept"]
    broker.produce(topic, [{"id": each} for each in ids], key="id")
    for each in ids[:3]:
        broker.tombstone(topic, each.encode())
    project.step("s", move(from_topic(topic), to_table("t", "id")))
    assert project.run("s").moved == (7, 7, 0)
    assert warehouse.execute("select id from t").fetchall() == [("kept",)]
