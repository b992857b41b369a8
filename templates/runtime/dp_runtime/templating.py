import re
from collections.abc import Callable

from .errors import StepError
from .fields import scalar_text
from .intervals import Interval, data_interval
from .json_value import Json, NoJson, is_number, parse_json
from .pipeline_file import Pipeline, Project
from .run_values import RunValues

_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class Templates:
    """Fills `{{ name }}` with the values of one run."""

    def __init__(self, project: Project, pipeline: Pipeline, run: RunValues) -> None:
        self._project = project
        self._pipeline = pipeline
        self.run = run
        self.params: dict[str, Json] = {
            **pipeline.params,
            **{
                name: _as_declared(value, pipeline.params.get(name))
                for name, value in run.params.items()
            },
        }
        self._computed: Interval | None = None

    def fill(self, text: str, place: str) -> str:
        """Returns the text with all names filled; StepError names the place of an unknown one."""
        return _PLACEHOLDER.sub(lambda found: self._value(found[1], place), text)

    def fill_all(self, texts: dict[str, str], place: str) -> dict[str, str]:
        return {name: self.fill(text, f"{place}.{name}") for name, text in texts.items()}

    def fill_url(self, url: str, place: str) -> str:
        """Like fill, but what is filled into the query is percent-encoded."""
        before, mark, query = url.partition("?")
        if "{{" not in query:
            return self.fill(before, place) + mark + query
        from urllib.parse import quote

        encoded = _PLACEHOLDER.sub(
            lambda found: quote(self._value(found[1], place), safe=""), query
        )
        return self.fill(before, place) + mark + encoded

    def _value(self, name: str, place: str) -> str:
        value = self._found(name)
        if value is None:
            raise StepError(
                f"{place}: nothing is called {{{{ {name} }}}}",
                next_step="there are: " + ", ".join(self._names()),
            )
        return value

    def _found(self, name: str) -> str | None:
        head, _, tail = name.partition(".")
        if head == "params" and tail in self.params:
            return scalar_text(self.params[tail])
        if name == "kafka.bootstrap":
            return self._project.bootstrap
        if tail == "url" and head in self._project.stores:
            return self._project.stores[head]
        compute = _RUN_NAMES.get(name)
        return None if compute is None else compute(self)

    def _names(self) -> list[str]:
        return [
            *(f"params.{name}" for name in self.params),
            *_RUN_NAMES,
            *(["kafka.bootstrap"] if self._project.bootstrap is not None else []),
            *(f"{name}.url" for name in self._project.stores),
        ]

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def interval(self) -> Interval:
        if self._computed is None:
            self._computed = data_interval(self._pipeline, self.run)
        return self._computed


def _as_declared(value: Json, default: Json) -> Json:
    """Returns the number that a text stands for where the default is one.

    Airflow changes the digits of some numbers, so that dp sends them as text.
    """
    if not isinstance(value, str) or not is_number(default):
        return value
    try:
        number = parse_json(value, exact=True)
    except NoJson:
        return value
    return number if is_number(number) else value


_RUN_NAMES: dict[str, Callable[[Templates], str]] = {
    "run_id": lambda templates: templates.run_id,
    "ds": lambda templates: templates.interval.start.date().isoformat(),
    "data_interval_start": lambda templates: templates.interval.start.isoformat(),
    "data_interval_end": lambda templates: templates.interval.end.isoformat(),
}
