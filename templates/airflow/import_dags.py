"""Imports each DAG file of a folder as Airflow does, and prints one JSON line for each.

usage: import_dags.py FOLDER

Each file is imported in a separate process, so that no file can change or break another one. A line
has the file (relative to the folder), the ids of its DAGs, and the stack trace of an error or null.
Files that Airflow ignores are left out.
"""

import json
import os
import sys
import traceback
from pathlib import Path

# Read when Airflow is imported: the line of the file must not be cut off the trace.
os.environ["AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH"] = "30"

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.dag_processing.importers import get_importer_registry
from airflow.serialization.serialized_objects import DagSerialization

TRACE_DEPTH = -30


def import_file(folder: Path, file: Path) -> dict[str, object]:
    relative = str(file.relative_to(folder))
    bag = BundleDagBag(
        dag_folder=str(file), bundle_path=folder, bundle_name="dags-folder", load_op_links=False
    )
    error = next(iter(bag.import_errors.values()), None)
    try:
        for dag in bag.dags.values():
            DagSerialization.to_dict(dag)
    except Exception:
        error = error or traceback.format_exc(limit=TRACE_DEPTH)
    return {"file": relative, "dags": sorted(bag.dags), "error": error}


def import_apart(folder: Path, file: Path) -> dict[str, object]:
    """Imports a file in a child; one that ends without a result reports that as the error."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        # The output of a DAG must not mix with the results.
        os.dup2(2, 1)
        with os.fdopen(writer, "w") as pipe:
            json.dump(import_file(folder, file), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if text:
        return json.loads(text)
    end = f"exit code {code}" if code >= 0 else f"signal {-code}"
    error = f"SystemExit: the process that imported the file ended with {end}"
    return {"file": str(file.relative_to(folder)), "dags": [], "error": error}


def main(folder: Path) -> None:
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "client"
    # DAGs must not import the files beside this one.
    sys.path.pop(0)
    os.chdir(folder)
    registry = get_importer_registry()
    for path in sorted(map(str, registry.list_dag_files(str(folder), safe_mode=True))):
        print(json.dumps(import_apart(folder, Path(path))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
