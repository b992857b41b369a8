"""Prints the packages of the base whose version changed, as one line of JSON for dp.

usage: report-moved.py BEFORE AFTER
"""

import json
import sys


def read(path):
    with open(path) as lines:
        return dict(line.strip().split("==", 1) for line in lines if "==" in line)


before, after = read(sys.argv[1]), read(sys.argv[2])
moved = [
    {"package": name, "from": version, "to": after[name]}
    for name, version in before.items()
    if after.get(name, version) != version
]
print(json.dumps({"dp": {"moved": moved}}))
