from typing import Literal, NamedTuple, TypeAlias

from .json_value import Json

Mode: TypeAlias = Literal["upsert", "append", "replace"]
Delivery: TypeAlias = Literal["at_least_once", "exactly_once"]


class HttpSource(NamedTuple):
    """`records` names the list in the answer, with dots between its keys."""

    url: str
    params: dict[str, str]
    headers: dict[str, str]
    records: str | None


class TopicSource(NamedTuple):
    topic: str
    group: str


class QuerySource(NamedTuple):
    store: str
    query: str


class TableSource(NamedTuple):
    store: str
    table: str


class TopicSink(NamedTuple):
    topic: str
    key: str | None
    delivery: Delivery


class StoreSink(NamedTuple):
    store: str
    table: str
    mode: Mode
    unique_key: tuple[str, ...]


class Function(NamedTuple):
    """A function in a file of the project."""

    file: str
    function: str


class OnBadRecord(NamedTuple):
    """`topic` is there when the action is `topic`."""

    action: Literal["fail", "skip", "topic"]
    topic: str | None


SourceSpec: TypeAlias = HttpSource | TopicSource | QuerySource | TableSource
SinkSpec: TypeAlias = TopicSink | StoreSink


class Move(NamedTuple):
    source: SourceSpec
    transform: Function | None
    sink: SinkSpec
    on_bad_record: OnBadRecord
    batch: int
    environment: dict[str, str]


class Command(NamedTuple):
    command: str


class SqlFile(NamedTuple):
    store: str
    file: str


class Container(NamedTuple):
    """A temporary container; what else it is made of is dp's and the runner's concern."""

    command: tuple[str, ...]


class Run(NamedTuple):
    run: Command | Function | SqlFile | Container
    environment: dict[str, str]


Step: TypeAlias = Move | Run


class Pipeline(NamedTuple):
    name: str
    schedule: str | None
    timezone: str
    params: dict[str, Json]


class Project(NamedTuple):
    """What all pipelines share: addresses, stores (name → URL), topics that are compacted."""

    bootstrap: str | None
    stores: dict[str, str]
    compacted_topics: frozenset[str]


def variable_of(store: str) -> str:
    """Returns the name of the variable with a store's address."""
    return f"{store.upper().replace('-', '_')}_URL"


class StepToRun(NamedTuple):
    project: Project
    pipeline: Pipeline
    name: str
    step: Step

    @property
    def label(self) -> str:
        return f"{self.pipeline.name}.{self.name}"
