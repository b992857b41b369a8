"""Imports every provider of Airflow, then loads a DAG from the template that is given."""

import sys
from importlib.metadata import entry_points

for entry in entry_points(group="apache_airflow_provider"):
    entry.load()()

with open(sys.argv[1]) as template:
    text = template.read().replace("@ID@", "canary").replace("@WORD@", "hello")
exec(compile(text, sys.argv[1], "exec"), {"__name__": "canary"})
