import os
import time
from datetime import UTC, datetime

from .output import say_result
from .pipeline_file import Move
from .read_pipeline_file import read_pipeline_file, step_to_run
from .run_values import run_values
from .stop import Stop
from .templating import Templates


def run(pipeline_name: str, step_name: str, stop: Stop) -> None:
    """Runs one step, and prints its result as the last line."""
    began = time.monotonic()
    to_run = step_to_run(read_pipeline_file(), pipeline_name, step_name)
    step = to_run.step
    templates = Templates(
        to_run.project, to_run.pipeline, run_values(os.environ, datetime.now(UTC))
    )
    attempt = _attempt(os.environ.get("DP_TRY", ""))
    from .run_step import run_step, step_environment

    os.environ.update(step_environment(to_run))
    os.environ.update(templates.fill_all(step.environment, f"{to_run.label}.environment"))
    if isinstance(step, Move):
        from .move import run_move

        result = run_move(to_run, step, templates, stop)
    else:
        result = run_step(to_run, step, templates, stop, attempt)
    say_result(result, int((time.monotonic() - began) * 1000))


def _attempt(text: str) -> int:
    return int(text) if text.isdecimal() else 1
