from collections.abc import Iterator
from typing import Literal

from .errors import StepError
from .fields import Fields, wrong_field
from .json_value import NoJson, parse_json
from .pipeline_file import (
    Command,
    Container,
    Function,
    HttpSource,
    Move,
    OnBadRecord,
    Pipeline,
    Project,
    QuerySource,
    Run,
    SinkSpec,
    SourceSpec,
    SqlFile,
    Step,
    StepToRun,
    StoreSink,
    TableSource,
    TopicSink,
    TopicSource,
)

PIPELINE_FILE = ".dp/pipeline.json"
_DEFAULT_BATCH = 500


def read_pipeline_file(path: str = PIPELINE_FILE) -> Fields:
    """Returns the content of pipeline.json, of which each step is parsed when it is asked for."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs 10 ms of each start
            content = file.read()
    except OSError as error:
        raise StepError(f"can't read {path}", why=error.strerror) from None
    try:
        fields = Fields(parse_json(content, exact=True), "")
    except NoJson as error:
        raise StepError(f"{path} is {error}") from None
    if fields.value.get("version") != 1:
        raise wrong_field("version", fields.value.get("version"), "1")
    return fields


def step_to_run(file: Fields, pipeline_name: str, step_name: str) -> StepToRun:
    """Returns one step with all that it needs; StepError when it is not there or not valid."""
    pipeline = _named(file.section("pipelines"), pipeline_name, "pipeline")
    step = _named(pipeline.section("steps"), step_name, f"step of pipeline {pipeline_name}")
    return StepToRun(
        project=_project(file),
        pipeline=Pipeline(
            name=pipeline_name,
            schedule=pipeline.optional_text("schedule"),
            timezone=pipeline.optional_text("timezone") or "UTC",
            params=dict(params.value) if (params := pipeline.optional_section("params")) else {},
        ),
        name=step_name,
        step=_step(step),
    )


def all_steps(file: Fields) -> Iterator[tuple[str, Step]]:
    """Yields each step of the file with its label, `pipeline.step`."""
    pipelines = file.section("pipelines")
    for pipeline_name in pipelines.value:
        steps = pipelines.section(pipeline_name).section("steps")
        for step_name in steps.value:
            yield f"{pipeline_name}.{step_name}", _step(steps.section(step_name))


def _named(fields: Fields, name: str, kind: str) -> Fields:
    if name in fields.value:
        return fields.section(name)
    known = ", ".join(fields.value) or "none"
    raise StepError(f"no {kind} is called {name}", why=f"there are: {known}")


def _project(file: Fields) -> Project:
    kafka = file.optional_section("kafka")
    stores = file.optional_section("stores")
    topics = file.optional_section("topics")
    return Project(
        bootstrap=None if kafka is None else kafka.text("bootstrap"),
        stores={name: stores.section(name).text("url") for name in stores.value} if stores else {},
        compacted_topics=frozenset(
            name
            for name in (topics.value if topics else ())
            if topics and topics.section(name).value.get("compacted") is True
        ),
    )


def _step(step: Fields) -> Step:
    environment = step.text_map("environment")
    if step.choice("kind", ("move", "run")) == "run":
        return Run(_run(step.section("run")), environment)
    transform = step.optional_section("transform")
    return Move(
        source=_source(step.section("from")),
        transform=None if transform is None else _function(transform),
        sink=_sink(step.section("to")),
        on_bad_record=_on_bad_record(step.optional_section("onBadRecord")),
        batch=step.number("batch", _DEFAULT_BATCH),
        environment=environment,
    )


def _function(fields: Fields) -> Function:
    return Function(fields.text("file"), fields.text("function"))


def _run(fields: Fields) -> Command | Function | SqlFile | Container:
    match fields.choice("type", ("command", "python", "sql", "container")):
        case "command":
            return Command(fields.text("command"))
        case "python":
            return _function(fields)
        case "container":
            return Container(fields.texts("command"))
        case _:
            return SqlFile(fields.text("store"), fields.text("file"))


def _source(fields: Fields) -> SourceSpec:
    match fields.choice("type", ("http", "topic", "query", "table")):
        case "http":
            return HttpSource(
                url=fields.text("url"),
                params=fields.text_map("params"),
                headers=fields.text_map("headers"),
                records=fields.optional_text("records"),
            )
        case "topic":
            return TopicSource(fields.text("topic"), fields.text("group"))
        case "query":
            return QuerySource(fields.text("store"), fields.text("query"))
        case _:
            return TableSource(fields.text("store"), fields.text("table"))


def _sink(fields: Fields) -> SinkSpec:
    if fields.choice("type", ("topic", "store")) == "topic":
        exactly_once = (
            fields.optional_text("delivery") is not None
            and fields.choice("delivery", ("at_least_once", "exactly_once")) == "exactly_once"
        )
        return TopicSink(
            topic=fields.text("topic"),
            key=fields.optional_text("key"),
            delivery="exactly_once" if exactly_once else "at_least_once",
        )
    unique_key = fields.texts("uniqueKey") if fields.value.get("uniqueKey") is not None else ()
    return StoreSink(
        store=fields.text("store"),
        table=fields.text("table"),
        mode=_mode(fields, unique_key),
        unique_key=unique_key,
    )


def _mode(fields: Fields, unique_key: tuple[str, ...]) -> Literal["upsert", "append", "replace"]:
    match fields.choice("mode", ("upsert", "append", "replace")):
        case "upsert":
            if not unique_key:
                raise wrong_field(fields.at("uniqueKey"), None, "given, because mode is upsert")
            return "upsert"
        case "append":
            return "append"
        case _:
            return "replace"


def _on_bad_record(fields: Fields | None) -> OnBadRecord:
    if fields is None:
        return OnBadRecord("fail", None)
    match fields.choice("action", ("fail", "skip", "topic")):
        case "topic":
            return OnBadRecord("topic", fields.text("topic"))
        case "skip":
            return OnBadRecord("skip", None)
        case _:
            return OnBadRecord("fail", None)
