#!/bin/sh
# Format, lint and types of the Python runtime and its tests. scripts/python.sh comes before.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
runtime=templates/runtime
settings=$PWD/$runtime/pyproject.toml

style() {
  "$bin/ruff" format --no-cache --quiet --check "$@"
  "$bin/ruff" check --no-cache --quiet "$@"
}

types() {
  cd "$1"
  shift
  "$bin/mypy" --config-file "$settings" --cache-dir "$bin/../mypy" --no-error-summary "$@"
  cd - >/dev/null
}

style --config "$settings" $runtime/dp_runtime
style --config test/runtime/ruff.toml test/runtime
types $runtime dp_runtime
export MYPYPATH="$PWD/$runtime"
types test/runtime .
