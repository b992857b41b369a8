"""Lets DAGs import the modules beside pipeline.yaml, and those of its folder plugins/.

dp deploys the folder of pipeline.yaml to a new folder for each version, and PROJECT is a link to the
current one. Its modules come last: none can hide a module of Airflow, of Python, or of the folder of DAGs.
"""

import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path

PROJECT = "/opt/dp/code/current"
FOLDERS = (PROJECT, f"{PROJECT}/plugins")
LOADERS = (
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (SourceFileLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)


class ProjectFinder:
    """https://docs.python.org/3/library/importlib.html#importlib.abc.MetaPathFinder"""

    @staticmethod
    def find_spec(name, path=None, target=None):
        # Python finds the modules of a package by the path of the package.
        if path:
            return None
        spec = PathFinder.find_spec(name, FOLDERS, target)
        return spec if spec and has_code(spec) else None


def has_code(spec):
    """A folder without __init__.py is a package only if it has modules: docker/ may have a Dockerfile."""
    folders = spec.submodule_search_locations or ()
    return bool(spec.origin) or any(any(Path(each).rglob("*.py")) for each in folders)


for folder in FOLDERS:
    # Python would remember that a folder does not exist, also in processes that are forked later.
    sys.path_importer_cache[folder] = FileFinder(folder, *LOADERS)
sys.meta_path.append(ProjectFinder)
