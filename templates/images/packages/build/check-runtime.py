"""Imports every module of dp_runtime; the working directory has the package."""

import importlib
import os
import pkgutil
import sys

sys.path.insert(0, os.getcwd())
import dp_runtime  # noqa: E402

if not dp_runtime.__file__.startswith(os.getcwd()):
    sys.exit(f"dp_runtime was imported from {dp_runtime.__file__}")
for module in pkgutil.walk_packages(dp_runtime.__path__, "dp_runtime."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
