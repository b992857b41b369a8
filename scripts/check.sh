#!/bin/sh
# What needs no engine: format, lint, types and unused code, and beside them the unit tests, which take as long.
set -u
cd "$(dirname "$0")/.." || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT

static() {
  failed=
  for check in format:check lint typecheck unused; do
    npm run --silent "$check" || failed="$failed $check"
  done
  [ -z "$failed" ] || echo "failed:$failed"
  [ -z "$failed" ]
}

static >"$log" 2>&1 &
static=$!
# A shell without a terminal keeps SIGINT from what runs in the background.
trap 'kill "$static" 2>/dev/null; exit 130' INT TERM
npm run --silent unit
unit=$?
wait "$static"
checked=$?
cat "$log"
[ "$unit" -eq 0 ] && [ "$checked" -eq 0 ]
