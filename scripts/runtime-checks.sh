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

style --config "$settings" $runtime/dp_runtime templates/runner/dp_runner
style --config test/runtime/ruff.toml test/runtime
types $runtime dp_runtime
types templates/runner dp_runner
export MYPYPATH="$PWD/$runtime:$PWD/templates/runner"
types test/runtime .
