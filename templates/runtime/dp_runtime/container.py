import json
import os
from datetime import UTC, datetime

from .errors import StepError
from .output import write
from .pipeline_file import Container, Run, StepToRun
from .read_pipeline_file import read_pipeline_file, step_to_run
from .run_step import step_environment
from .run_values import run_values
from .templating import Templates


def print_container(pipeline_name: str, step_name: str) -> None:
    """Prints what a run fills in of a step's container, as JSON: its command and environment."""
    to_run = step_to_run(read_pipeline_file(), pipeline_name, step_name)
    step = to_run.step
    if not isinstance(step, Run) or not isinstance(step.run, Container):
        raise StepError(f"{to_run.label} does not run in a container")
    run = run_values(os.environ, datetime.now(UTC))
    _check_declared(to_run, list(run.params))
    templates = Templates(to_run.project, to_run.pipeline, run)
    place = f"{to_run.label}.run.command"
    command = [templates.fill(argument, place) for argument in step.run.command]
    environment = {
        **step_environment(to_run),
        "DP_RUN_ID": run.run_id,
        **templates.fill_all(step.environment, f"{to_run.label}.environment"),
    }
    for text in (*command, *environment.values()):
        if "\0" in text:
            raise StepError(f"{to_run.label}: a value for its container has a NUL character")
    write(json.dumps({"command": command, "environment": environment}).encode() + b"\n")


def _check_declared(to_run: StepToRun, names: list[str]) -> None:
    declared = to_run.pipeline.params
    for name in names:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise StepError(
                f"{to_run.pipeline.name} has no parameter {name}", why=f"it declares {known}"
            )
