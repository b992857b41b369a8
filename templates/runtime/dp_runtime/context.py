import logging
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

from .errors import StepError
from .json_value import Json
from .pipeline_file import Project, variable_of

if TYPE_CHECKING:
    from psycopg import Connection


class Context:
    """What transforms and Python steps get as `ctx`."""

    def __init__(self, project: Project, run_id: str, params: dict[str, Json]) -> None:
        self._stores = project.stores
        self._connections: dict[str, Connection] = {}
        self.run_id = run_id
        self.params = {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in params.items()
        }
        self.log = _logger()

    def store(self, name: str) -> "Connection":
        """Returns the step's connection to a Postgres store, made at the first call.

        Each statement is kept at once; `with connection.transaction():` makes several one.
        """
        if name not in self._stores:
            known = ", ".join(self._stores) or "none"
            raise StepError(f"no store is called {name}", why=f"there are: {known}")
        if not self._stores[name].startswith(("postgresql:", "postgres:")):
            raise StepError(
                f"ctx.store connects to Postgres stores only, and {name} is none",
                next_step=f"read its address in the variable {variable_of(name)}",
            )
        if name not in self._connections:
            from .postgres.connect import connect

            self._connections[name] = connect(name, self._stores[name])
        return self._connections[name]

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


def _logger() -> logging.Logger:
    logger = logging.getLogger("dp")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger
