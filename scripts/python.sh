#!/bin/sh
# Makes sure that the Python runtime can be checked: .venv/ holds its locked packages, pytest, mypy
# and ruff. What is there already is left as it is.
set -eu
cd "$(dirname "$0")/.."

runtime=templates/images/runtime/requirements.lock
tools=test/runtime/requirements.txt
stamp=.venv/complete

if [ -e "$stamp" ] && [ -z "$(find "$runtime" "$tools" -newer "$stamp")" ]; then exit 0; fi

is_debian() { grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; }

if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  if [ "$(id -u)" != 0 ] || ! is_debian; then
    echo "python: Python 3.11 or newer with venv is missing; install it, then run this again" >&2
    exit 1
  fi
  echo "python: installing python3 and python3-venv from the distribution"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv
fi

echo "python: making .venv"
rm -rf .venv
python3 -m venv .venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
pip install --require-hashes --no-deps -r "$runtime"
pip install -r "$tools"
touch "$stamp"
