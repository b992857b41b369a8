"""The deployed versions: folders that only dp writes, through the engine."""

import json
import os
import posixpath
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from .request import InvalidRequestError, StepRequest

CODE_FOLDER = Path("/opt/dp/code")
_FILL_TIMEOUT = 60.0


class RefusedError(Exception):
    """The step can't start; the lines report why."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class DeployedStep(NamedTuple):
    image: str
    entrypoint: list[str]
    command: list[str]
    environment: dict[str, str]
    host_config: dict[str, Any]
    user: str | None
    working_dir: str | None
    stop_timeout: int


def read_step(request: StepRequest, code_folder: Path = CODE_FOLDER) -> DeployedStep:
    """Returns the container of a step with the values of a run.

    InvalidRequestError for a step that is not deployed, RefusedError for values that do not fit.
    """
    folder = code_folder / request.version
    run = _deployed_run(folder, request)
    filled = _fill(folder, request)
    return DeployedStep(
        image=run["image"],
        entrypoint=run["entrypoint"],
        command=filled["command"],
        environment=filled["environment"],
        host_config=_host_config(run),
        user=run.get("user"),
        working_dir=run.get("workingDir"),
        stop_timeout=run["stopTimeoutS"],
    )


def _deployed_run(folder: Path, request: StepRequest) -> dict[str, Any]:
    try:
        document = json.loads((folder / ".dp" / "pipeline.json").read_bytes())
    except OSError:
        raise InvalidRequestError(f"the version {request.version} is not deployed") from None
    step = document["pipelines"].get(request.pipeline, {}).get("steps", {}).get(request.step)
    run: dict[str, Any] = (step or {}).get("run") or {}
    if run.get("type") != "container":
        label = f"{request.pipeline}.{request.step}"
        raise InvalidRequestError(f"{label} is not a deployed step in a container")
    return run


def _fill(folder: Path, request: StepRequest) -> dict[str, Any]:
    """Lets the runtime of the version fill in the values: local runs do the same."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": ".dp",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DP_RUN_ID": request.run,
        "DP_TRY": str(request.attempt),
        "DP_RUN_AFTER": request.interval,
        "DP_PARAMS": json.dumps(request.params),
    }
    program = [sys.executable, "-m", "dp_runtime", "container", request.pipeline, request.step]
    try:
        done = subprocess.run(
            program,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_FILL_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RefusedError("error: the values of the run could not be filled in") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise RefusedError(*text.splitlines())
    filled: dict[str, Any] = json.loads(text)
    return filled


def _host_config(run: dict[str, Any]) -> dict[str, Any]:
    """Has no key for privileges, capabilities, or the host's network."""
    binds = run["binds"]
    for bind in binds:
        if not _is_inside(bind["source"], run["projectFolder"]):
            raise RefusedError(f"error: {bind['source']} is outside the project folder")
    config: dict[str, Any] = {
        "Mounts": [
            *(
                {"Type": "volume", "Source": volume["name"], "Target": volume["target"]}
                for volume in run["volumes"]
            ),
            *(
                {
                    "Type": "bind",
                    "Source": bind["source"],
                    "Target": bind["target"],
                    "ReadOnly": bind["readOnly"],
                }
                for bind in binds
            ),
        ],
        "ExtraHosts": [f"{host['name']}:{host['address']}" for host in run.get("extraHosts", [])],
        "Ulimits": [
            {"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]}
            for limit in run.get("ulimits", [])
        ],
    }
    if run.get("memLimitBytes") is not None:
        config["Memory"] = run["memLimitBytes"]
    if run.get("cpus") is not None:
        config["NanoCpus"] = round(run["cpus"] * 1e9)
    return config


def _is_inside(path: str, folder: str) -> bool:
    normal = posixpath.normpath(path)
    return path == normal and (normal == folder or normal.startswith(folder.rstrip("/") + "/"))
