from typing import NamedTuple

from .bad_records import BadRecords
from .errors import StepError
from .pipeline_file import (
    HttpSource,
    Move,
    QuerySource,
    SinkSpec,
    SourceSpec,
    StepToRun,
    StoreSink,
    TableSource,
    TopicSink,
    TopicSource,
)
from .ports import DeadLetters, Sink, Source
from .templating import Templates


class Endpoints(NamedTuple):
    source: Source
    sink: Sink
    bad_records: BadRecords


def open_endpoints(to_run: StepToRun, move: Move, templates: Templates) -> Endpoints:
    """Opens what a step reads and writes; only what these kinds need is imported."""
    source = _open_source(to_run, move, templates)
    try:
        if isinstance(move.sink, TopicSink):
            return _with_topic_sink(to_run, move, move.sink, source)
        sink = _open_store(to_run, move.sink, from_topic=isinstance(move.source, TopicSource))
        dead_letters = _open_dead_letters(to_run, move)
        group = _group_of(move.source)
        bad_records = BadRecords(move.on_bad_record, to_run.label, dead_letters, group)
    except BaseException:
        source.close()
        raise
    return Endpoints(source, sink, bad_records)


def say_from(source: SourceSpec) -> str:
    """Returns what a log line calls a source."""
    match source:
        case TopicSource():
            return f"topic {source.topic}"
        case HttpSource():
            return source.url
        case TableSource():
            return f"{source.store}.{source.table}"
        case QuerySource():
            return f"query of {source.store}"


def say_to(sink: SinkSpec) -> str:
    """Returns what a log line calls a sink."""
    if isinstance(sink, TopicSink):
        return f"topic {sink.topic}"
    return f"{sink.store}.{sink.table} ({sink.mode})"


def filled_source(source: SourceSpec, templates: Templates, place: str) -> SourceSpec:
    """Returns the source with all its `{{ names }}` filled."""
    match source:
        case HttpSource():
            return HttpSource(
                url=templates.fill_url(source.url, f"{place}.url"),
                params=templates.fill_all(source.params, f"{place}.params"),
                headers=templates.fill_all(source.headers, f"{place}.headers"),
                records=source.records,
            )
        case QuerySource():
            return QuerySource(source.store, templates.fill(source.query, f"{place}.query"))
        case _:
            return source


def store_url(to_run: StepToRun, store: str) -> str:
    url = to_run.project.stores.get(store)
    if url is None:
        raise StepError(f"{to_run.label}: no store is called {store}")
    return url


def _bootstrap(to_run: StepToRun) -> str:
    if to_run.project.bootstrap is None:
        raise StepError(f"{to_run.label} needs Kafka, and this project has none")
    return to_run.project.bootstrap


def _open_source(to_run: StepToRun, move: Move, templates: Templates) -> Source:
    # A function gets the floats that Python makes of JSON; without one all digits are kept.
    exact = move.transform is None
    source = filled_source(move.source, templates, f"{to_run.label}.from")
    match source:
        case TopicSource():
            from .sources.topic import TopicReader

            return TopicReader(
                bootstrap=_bootstrap(to_run),
                topic=source.topic,
                group=source.group,
                from_earliest=isinstance(move.sink, StoreSink) and move.sink.mode == "replace",
                exact=exact,
            )
        case HttpSource():
            from .sources.http import HttpReader

            return HttpReader(source, exact=exact)
        case QuerySource() | TableSource():
            from .sources.table import QueryReader

            return QueryReader(source, store_url(to_run, source.store), exact=exact)


def _open_store(to_run: StepToRun, sink: StoreSink, *, from_topic: bool) -> Sink:
    from .sinks.postgres import PostgresWriter

    return PostgresWriter(sink, store_url(to_run, sink.store), from_topic=from_topic)


def _with_topic_sink(to_run: StepToRun, move: Move, sink: TopicSink, source: Source) -> Endpoints:
    from .kafka.writer import KafkaWriter
    from .sinks.topic import TopicWriter

    transactional_id = None
    transaction = None
    if sink.delivery == "exactly_once":
        from .sources.topic import TopicReader

        if not isinstance(source, TopicReader) or not isinstance(move.source, TopicSource):
            raise StepError(f"{to_run.label}: delivery exactly_once needs a topic to read from")
        transactional_id = move.source.group
        transaction = source
    writer = KafkaWriter(_bootstrap(to_run), transactional_id)
    topic_writer = TopicWriter(
        sink,
        writer,
        compacted=sink.topic in to_run.project.compacted_topics,
        transaction=transaction,
        copies=move.transform is None,
    )
    bad_records = BadRecords(move.on_bad_record, to_run.label, writer, _group_of(move.source))
    return Endpoints(source, topic_writer, bad_records)


def _group_of(source: SourceSpec) -> str | None:
    return source.group if isinstance(source, TopicSource) else None


def _open_dead_letters(to_run: StepToRun, move: Move) -> DeadLetters | None:
    if move.on_bad_record.action != "topic":
        return None
    from .kafka.writer import KafkaWriter

    return KafkaWriter(_bootstrap(to_run))
