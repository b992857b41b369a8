import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from support import RUNTIME

sys.path.insert(0, str(RUNTIME))

from dp_runtime.context import Context
from dp_runtime.errors import StepError
from dp_runtime.intervals import data_interval
from dp_runtime.json_value import NoJson, json_bytes, parse_object
from dp_runtime.pipeline_file import Pipeline, Project
from dp_runtime.postgres.rows import Change, merged
from dp_runtime.postgres.table_name import parse_table_name
from dp_runtime.postgres.values import column_type, encoder_of, joined_type
from dp_runtime.record import Meta, Record
from dp_runtime.redact import redacted
from dp_runtime.run_values import run_values
from dp_runtime.templating import Templates

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
META = Meta(source="s", offset=1)


@pytest.mark.parametrize(
    ("schedule", "timezone", "run_after", "start", "end"),
    [
        ("0 0 * * *", "UTC", "2026-03-02T00:00:00Z", "2026-03-01T00:00", "2026-03-02T00:00"),
        ("0 0 * * *", "UTC", "2026-03-02T00:00:00.5Z", "2026-03-01T00:00", "2026-03-02T00:00"),
        ("0 0 * * *", "UTC", "2026-03-02T13:14:15Z", "2026-03-01T00:00", "2026-03-02T00:00"),
        ("*/5 * * * *", "UTC", "2026-03-02T00:04:59Z", "2026-03-01T23:55", "2026-03-02T00:00"),
        ("0 0 * * 1", "UTC", "2026-03-04T00:00:00", "2026-02-23T00:00", "2026-03-02T00:00"),
        (
            "0 0 * * *",
            "Europe/Berlin",
            "2026-03-29T22:00:00Z",
            "2026-03-29T00:00+01:00",
            "2026-03-30T00:00+02:00",
        ),
    ],
)
def test_the_interval_must_end_at_the_last_fire_time(
    schedule: str, timezone: str, run_after: str, start: str, end: str
) -> None:
    pipeline = Pipeline("p", schedule, timezone, {})
    interval = data_interval(pipeline, run_values({"DP_RUN_AFTER": run_after}, NOW))
    suffix = "+00:00" if timezone == "UTC" else ""
    assert interval.start.isoformat(timespec="minutes") == start + suffix
    assert interval.end.isoformat(timespec="minutes") == end + suffix


def test_without_a_schedule_both_ends_must_be_the_time_of_the_run() -> None:
    interval = data_interval(Pipeline("p", None, "UTC", {}), run_values({}, NOW))
    assert interval == (NOW, NOW)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DP_RUN_AFTER", "tomorrow"), ("DP_PARAMS", "[1]"), ("DP_PARAMS", "{")],
)
def test_a_value_of_the_run_that_is_not_valid_must_be_named(variable: str, value: str) -> None:
    with pytest.raises(StepError, match=variable):
        run_values({variable: value}, NOW)


def _templates() -> Templates:
    project = Project("k:9092", {"warehouse": "postgresql://u:p@h/d"}, frozenset())
    pipeline = Pipeline("p", None, "UTC", {"a": 1, "b": True, "c": None})
    return Templates(
        project, pipeline, run_values({"DP_RUN_ID": "r", "DP_PARAMS": '{"a": 2}'}, NOW)
    )


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{params.a}} {{ params.b }} {{ params.c }}|", "2 true |"),
        ("{{ run_id }} {{ ds }} {{ data_interval_end }}", "r 2026-03-04 2026-03-04T05:06:07+00:00"),
        ("{{ kafka.bootstrap }} {{ warehouse.url }}", "k:9092 postgresql://u:p@h/d"),
        ("{ {x} ${VAR} }}", "{ {x} ${VAR} }}"),
    ],
)
def test_names_must_be_filled(text: str, filled: str) -> None:
    assert _templates().fill(text, "here") == filled


def test_numbers_of_params_keep_their_digits() -> None:
    defaults = parse_object('{"a": 1.10, "b": 1.5, "c": 12345678901234567890}', exact=True)
    given = '{"a": "2.50", "b": 0.00000010, "c": "x", "d": "2.50"}'
    templates = Templates(
        Project(None, {}, frozenset()),
        Pipeline("p", None, "UTC", defaults),
        run_values({"DP_PARAMS": given}, NOW),
    )
    text = "{{ params.a }} {{ params.b }} {{ params.c }} {{ params.d }}"
    assert templates.fill(text, "here") == "2.50 0.00000010 x 2.50"
    params = Context(Project(None, {}, frozenset()), "r", templates.params).params
    assert params == {"a": 2.5, "b": 1e-7, "c": "x", "d": "2.50"}
    assert [type(value) for value in params.values()] == [float, float, str, str]


@pytest.mark.parametrize("name", ["params.z", "cursor", "other.url", "", "DS"])
def test_an_unknown_name_must_be_refused_with_those_that_are_there(name: str) -> None:
    with pytest.raises(StepError, match="here: nothing is called") as failure:
        _templates().fill(f"{{{{ {name} }}}}", "here")
    assert failure.value.next_step is not None
    assert "params.a" in failure.value.next_step


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at postgresql://dp:secret@h:1/d", "at postgresql://dp:***@h:1/d"),
        ("GET https://x/y?api_key=1&a=2", "GET https://x/y?api_key=***&a=2"),
        ("orders.raw:0:17", "orders.raw:0:17"),
    ],
)
def test_secrets_must_not_be_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text", [b"{", b"\xff", b"[1]", b'{"a": NaN}', b'{"a": -Infinity}', b"[" * 99999, b"1" * 5000]
)
def test_what_is_no_json_object_must_be_refused(text: bytes) -> None:
    with pytest.raises(NoJson):
        parse_object(text)


def test_json_must_be_compact_utf8_and_exact() -> None:
    text = '{"a":[1,2.5,null,true],"ü":"\u2028","n":123456789012345678901234567890}'.encode()
    assert json_bytes(parse_object(text)) == text
    exact = b'{"a":1.10,"b":[{"c":1E+400}],"d":-0.0}'
    assert json_bytes(parse_object(exact, exact=True)) == exact
    assert json_bytes({1: Decimal("1.10"), None: ()}) == b'{"1":1.10,"null":[]}'
    for value in (Decimal("NaN"), {"a": Decimal("1"), "b": {1}}, {"a": Decimal("1"), (): 1}):
        with pytest.raises(NoJson):
            json_bytes(value)
    with pytest.raises(
        NoJson, match=r"field at: a Python datetime is no JSON value; use .isoformat"
    ):
        json_bytes({"id": 1, "at": NOW})


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (1, 2, "bigint"),
        (1, 2.5, "double precision"),
        (1, 1 << 70, "numeric"),
        (2.5, 1 << 70, "numeric"),
        (Decimal("2.50"), 1, "double precision"),
        (Decimal("0.1234567890123456789"), 2.5, "numeric"),
        (True, 1, "text"),
        ("a", 1, "text"),
        ({}, [], "jsonb"),
        ("a", [], "jsonb"),
    ],
)
def test_a_column_must_hold_all_values_of_its_first_batch(
    one: object, other: object, joined: str
) -> None:
    types = [column_type(value) for value in (one, other)]  # type: ignore[arg-type]
    assert types[0] is not None
    assert types[1] is not None
    assert joined_type(types[0], types[1]) == joined
    assert joined_type(types[1], types[0]) == joined


def test_texts_must_be_escaped_for_copy() -> None:
    assert encoder_of("text")("a\\b\nc\td\re") == "a\\\\b\\nc\\td\\re"
    assert encoder_of("jsonb")({"a": "\n"}) == '{"a":"\\\\n"}'


def test_changes_of_one_row_must_become_one() -> None:
    def change(key: str, fields: dict[str, str] | None) -> Change:
        return Change(META, (key,), delete=fields is None, fields=fields)

    found = merged(
        [
            change("1", {"id": "1", "a": "1"}),
            change("2", {"id": "2", "a": "1"}),
            change("1", {"id": "1", "b": "2"}),
            change("2", None),
            change("3", None),
            change("3", {"id": "3"}),
        ]
    )
    assert [(each.key, each.delete, each.fields) for each in found] == [
        (("1",), False, {"id": "1", "a": "1", "b": "2"}),
        (("2",), True, None),
        (("3",), True, {"id": "3"}),
    ]


def test_the_table_under_way_must_never_be_the_table_itself() -> None:
    name = parse_table_name("s." + "x" * 63)
    assert name.under_way.name == "x" * 58 + "__new"
    with pytest.raises(StepError, match="no table name"):
        parse_table_name("x" * 64)


def test_a_record_must_keep_its_meta_in_copies() -> None:
    record = Record.of({"a": 1}, META)
    changed = record | {"b": 2}
    assert changed == {"a": 1, "b": 2}
    assert changed.meta is META
    assert record.copy().meta is META
