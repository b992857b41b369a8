import json
from collections.abc import Callable

import psycopg
import pytest
from broker import Broker
from support import Project, from_topic, http, move, to_table, to_topic

Answer = Callable[..., str]


def test_topic_to_topic_must_keep_key_headers_and_timestamp(
    project: Project, broker: Broker
) -> None:
    raw, clean = broker.make_topic(partitions=2), broker.make_topic(partitions=2)
    broker.produce(raw, [{"id": 1, "a": "ü"}], key="id", headers={"h": b"\xff"}, timestamp=12345)
    broker.tombstone(raw, b"1")
    project.write(
        "pipelines/orders.py",
        "def clean(record, ctx=None):\n"
        "    assert record.meta.key == '1' and record.meta.headers == {'h': b'\\xff'}\n"
        "    return [{'b': record['a']}, None and 1 or {'c': record.meta.timestamp}]\n",
    )
    project.step("s", move(from_topic(raw), to_topic(clean), transform="pipelines/orders.py:clean"))
    assert project.run("s").moved == (2, 3, 0)
    records = broker.read(clean)
    assert [record.value for record in records] == [
        '{"b":"ü"}'.encode(),
        b'{"c":12345}',
        None,
    ]
    assert {record.key for record in records} == {b"1"}
    assert [record.headers for record in records] == [{"h": b"\xff"}, {"h": b"\xff"}, {}]
    assert [record.timestamp for record in records[:2]] == [12345, 12345]


def test_a_key_must_be_taken_from_its_field(
    project: Project, broker: Broker, answer: Answer
) -> None:
    topic = broker.make_topic()
    url = answer('[{"k": 1}, {"k": "x"}, {"k": true}, {"k": null}, {"a": 1}, {"k": {"a": 1}}]')
    project.step("s", move(http(url), to_topic(topic, "k"), bad="skip"))
    result = project.run("s")
    assert result.moved == (6, 3, 3)
    assert [record.key for record in broker.read(topic)] == [b"1", b"x", b"true"]
    assert f"bad record {url}#5: it has no field k, which is the key" in result.output
    assert f"bad record {url}#6: its key k is an object" in result.output


def test_a_compacted_topic_must_get_no_record_without_a_key(
    project: Project, broker: Broker, answer: Answer
) -> None:
    topic = broker.make_topic(compacted=True)
    project.spec["topics"] = {topic: {"compacted": True}}
    project.step("s", move(http(answer('{"a": 1}')), to_topic(topic)))
    failed = project.run("s")
    assert failed.code == 1
    assert f"it has no key, and topic {topic} is compacted" in failed.output
    assert broker.read(topic) == []


def test_a_topic_must_be_read_from_its_position_to_its_end(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    warehouse.execute("create table t (id bigint primary key)")
    topic = broker.make_topic(partitions=3)
    broker.produce(topic, [{"id": number} for number in range(1000)], key="id")
    project.step("s", move(from_topic(topic), to_table("t", "id"), batch=70))
    assert project.run("s").moved == (1000, 1000, 0)
    assert project.run("s").moved == (0, 0, 0)
    broker.produce(topic, [{"id": 1000}], key="id")
    assert project.run("s").moved == (1, 1, 0)
    assert sum(broker.positions(topic, f"dp.shop.{topic}.s").values()) == 1001


def test_markers_and_aborted_records_must_not_hold_up_the_end(
    project: Project, broker: Broker
) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.transaction(topic, [{"n": 1}, {"n": 2}], commit=True)
    broker.transaction(topic, [{"n": 3}], commit=False)
    project.step("s", move(from_topic(topic), to_topic(copy)))
    assert project.run("s").moved == (2, 2, 0)
    assert [record.json for record in broker.read(copy)] == [{"n": 1}, {"n": 2}]
    # Two records, their marker, one record that was given up, its marker.
    assert broker.positions(topic, f"dp.shop.{topic}.s") == {0: 5}
    broker.transaction(topic, [{"n": 4}], commit=False)
    assert project.run("s").moved == (0, 0, 0)
    assert broker.positions(topic, f"dp.shop.{topic}.s") == {0: 7}


def test_an_open_transaction_must_not_hold_up_the_end(project: Project, broker: Broker) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [{"n": 1}])
    project.step("s", move(from_topic(topic), to_topic(copy)))
    with broker.open_transaction(topic, [{"n": 2}]):
        assert project.run("s").moved == (1, 1, 0)
    assert project.run("s").moved == (1, 1, 0)
    assert [record.json for record in broker.read(copy)] == [{"n": 1}, {"n": 2}]


def test_exactly_once_must_keep_records_and_position_together(
    project: Project, broker: Broker
) -> None:
    topic, copy = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [{"n": number} for number in range(5)] + [b"{"])
    sink = to_topic(copy, delivery="exactly_once")
    project.step("s", move(from_topic(topic), sink, batch=2))
    failed = project.run("s")
    assert failed.code == 1
    assert f"record {topic}:0:5: the value is not JSON at column 2" in failed.output
    assert [record.json for record in broker.read(copy)] == [{"n": number} for number in range(5)]
    assert broker.positions(topic, f"dp.shop.{topic}.s") == {0: 5}
    project.step("s", move(from_topic(topic), sink, batch=2, bad="skip"))
    assert project.run("s").moved == (1, 0, 1)
    assert [record.json for record in broker.read(copy)] == [{"n": number} for number in range(5)]
    assert broker.positions(topic, f"dp.shop.{topic}.s") == {0: 6}


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_a_dead_letter_must_be_what_was_read(
    project: Project, broker: Broker, delivery: str
) -> None:
    topic, copy, dead = broker.make_topic(), broker.make_topic(), broker.make_topic()
    broker.produce(topic, [b"not json", {"id": 2}, {"id": 3}], headers={"h": b"v"})
    project.write(
        "t.py", "def f(r):\n    x = r.pop('id')\n    assert x != 3, 'three'\n    return r\n"
    )
    project.step(
        "s",
        move(
            from_topic(topic),
            to_topic(copy, delivery=delivery),
            transform="t.py:f",
            bad=f"topic:{dead}",
        ),
    )
    assert project.run("s").moved == (3, 1, 2)
    first, second = broker.read(dead)
    assert first.value == b"not json"
    assert first.headers == {
        "h": b"v",
        "dp.error": b"the value is not JSON at column 1: Expecting value",
        "dp.step": b"p.s",
        "dp.source": f"{topic}:0:0".encode(),
    }
    assert second.json == {"id": 3}
    assert second.headers["dp.error"] == b"t.py:3 in f: AssertionError: three"


def test_a_dead_letter_of_an_answer_must_be_its_json(
    project: Project, broker: Broker, answer: Answer, warehouse: psycopg.Connection
) -> None:
    dead = broker.make_topic()
    url = answer('[{"id": 1}, {"id": "x"}, 7]')
    warehouse.execute("create table t (id bigint)")
    project.step("s", move(http(url), to_table("t"), bad=f"topic:{dead}"))
    assert project.run("s").moved == (3, 1, 2)
    letters = {letter.headers["dp.source"]: letter.json for letter in broker.read(dead)}
    assert letters == {f"{url}#2".encode(): {"id": "x"}, f"{url}#3".encode(): 7}


@pytest.mark.parametrize("bad", ["fail", "skip", "topic"])
def test_one_bad_record_of_1000_must_be_handled_as_the_step_says(
    project: Project, broker: Broker, warehouse: psycopg.Connection, bad: str
) -> None:
    topic, dead = broker.make_topic(), broker.make_topic()
    broker.produce(topic, [{"id": number} for number in range(1000)])
    project.write(
        "t.py", "def f(record):\n    return {'id': record['id'], 'x': 1 // (record['id'] - 700)}\n"
    )
    what = f"topic:{dead}" if bad == "topic" else bad
    project.step("s", move(from_topic(topic), to_table("t", "id"), transform="t.py:f", bad=what))
    result = project.run("s")
    count = warehouse.execute("select count(*) from t").fetchone()
    if bad == "fail":
        assert (result.code, count) == (1, (700,))
        assert f"error: p.s: record {topic}:0:700: t.py:2 in f: ZeroDivisionError" in result.output
        assert "dp_runtime" not in result.output
        group = f"dp.shop.{topic}.s"
        assert f"dp group reset {group} --topic {topic} -p 0 -o 701" in result.output
        broker.commit(group, topic, 701)
        project.write("t.py", "def f(record):\n    return {'id': record['id']}\n")
        assert project.run("s").moved == (299, 299, 0)
    else:
        assert (result.moved, count) == ((1000, 999, 1), (999,))
        assert f"bad record {topic}:0:700: t.py:2 in f: ZeroDivisionError" in result.output
    assert [letter.json for letter in broker.read(dead)] == (
        [{"id": 700}] if bad == "topic" else []
    )


def test_records_before_a_bad_one_are_kept_once_in_each_partition(
    project: Project, broker: Broker
) -> None:
    topic, out = broker.make_topic(partitions=2), broker.make_topic()
    for number in range(6):
        broker.produce(topic, [{"id": number}], partition=number % 2)
    project.write("t.py", "def f(record):\n    return {'x': 1 // (record['id'] - 2)}\n")
    sink = to_topic(out, delivery="exactly_once")
    project.step("s", move(from_topic(topic), sink, transform="t.py:f"))
    for _ in range(2):
        result = project.run("s")
        assert result.code == 1
        assert f"dp group reset dp.shop.{topic}.s --topic {topic} -p 0 -o 2" in result.output
        # Records 0, 1, 3 and 5; those of the bad record's partition end at it.
        assert len(broker.read(out)) == 4


def test_a_crash_in_mid_load_must_lose_and_double_nothing(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic(partitions=2)
    broker.produce(topic, [{"id": number, "n": number} for number in range(20_000)], key="id")
    project.step("s", move(from_topic(topic), to_table("t", "id")))
    process = project.start(["step", "p", "s"])
    while not (written := _count(warehouse)):
        assert process.poll() is None
    process.kill()
    process.communicate()
    assert 0 < written < 20_000
    again = project.run("s")
    assert again.code == 0
    found = warehouse.execute("select count(*), sum(n), count(distinct id) from t").fetchone()
    assert found == (20_000, sum(range(20_000)), 20_000)


def test_sigterm_must_stop_at_the_border_of_a_batch(
    project: Project, broker: Broker, warehouse: psycopg.Connection
) -> None:
    topic = broker.make_topic()
    broker.produce(topic, [{"id": number} for number in range(50_000)])
    project.step("s", move(from_topic(topic), to_table("t"), batch=100))
    process = project.start(["step", "p", "s"])
    while not _count(warehouse):
        assert process.poll() is None
    process.terminate()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert output.splitlines()[-1] == "stopped by SIGTERM"
    written = _count(warehouse)
    assert written % 100 == 0
    assert broker.positions(topic, f"dp.shop.{topic}.s") == {0: written}


def test_a_topic_that_is_not_there_must_be_named(project: Project, broker: Broker) -> None:
    project.step("s", move(from_topic("rt.none"), to_topic("rt.none")))
    failed = project.run("s")
    assert failed.code == 1
    assert f"error: there is no topic rt.none at {broker.bootstrap}" in failed.output


def test_kafka_that_is_down_must_be_named(project: Project, answer: Answer) -> None:
    project.spec["kafka"] = {"bootstrap": "127.0.0.1:1"}
    project.step("s", move(http(answer("[]")), to_topic("t")))
    failed = project.run("s")
    assert failed.code == 1
    assert "error: can't reach Kafka at 127.0.0.1:1" in failed.output
    assert "Connection refused" in failed.output
    assert "%3|" not in failed.output


def test_a_key_must_go_to_the_partition_of_java_clients(
    project: Project, broker: Broker, answer: Answer
) -> None:
    topic = broker.make_topic(partitions=3)
    body = json.dumps([{"k": key} for key in ("a", "b", "c", "abc")])
    project.step("s", move(http(answer(body)), to_topic(topic, "k")))
    assert project.run("s").moved == (4, 4, 0)
    # murmur2 of the key, of which the sign is cleared, modulo 3.
    found = {record.key: record.partition for record in broker.read(topic)}
    assert found == {key: _murmur2(key) % 3 for key in (b"a", b"b", b"c", b"abc")}


def _murmur2(data: bytes) -> int:
    """Kafka's hash: org.apache.kafka.common.utils.Utils.murmur2, with the sign cleared."""
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    value = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * factor & mask
        part = (part ^ part >> 24) * factor & mask
        value = (value * factor & mask) ^ part
    if len(data) > whole:
        value = (value ^ int.from_bytes(data[whole:], "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return (value ^ value >> 15) & 0x7FFFFFFF


def _count(warehouse: psycopg.Connection) -> int:
    found = warehouse.execute("select to_regclass('t') is not null").fetchone()
    if found != (True,):
        return 0
    row = warehouse.execute("select count(*) from t").fetchone()
    assert row is not None
    return int(row[0])
