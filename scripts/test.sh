#!/bin/sh
# Everything that is checked: format, lint, types, unused code, structure and units, the Python runtime,
# adapters and scenarios on real containers. Every step runs, whatever failed before it; the last line counts
# the tests as the runners report them.
set -u
cd "$(dirname "$0")/.." || exit 1

reports=test-results
failed_steps=

# $1: name, the rest: a command.
step() {
  name=$1
  shift
  began=$(date +%s)
  echo "== $name"
  if "$@" </dev/null; then verdict=ok; else
    verdict=FAILED
    failed_steps="$failed_steps $name"
  fi
  echo "== $name: $verdict, $(($(date +%s) - began)) s"
}

# $1: name of the report, the rest: vitest projects.
tests() {
  report=$reports/$1.json
  shift
  rm -f "$report"
  # shellcheck disable=SC2046 # one word for each project
  npx vitest run $(printf -- '--project=%s ' "$@") --reporter=default --reporter=json \
    --outputFile.json="$report"
}

runtime_tests() {
  rm -f "$reports/runtime.xml"
  sh scripts/runtime-tests.sh --junitxml="$reports/runtime.xml"
}

mkdir -p "$reports"
# What needs no container.
checks() {
  failed_steps=
  step format npm run --silent format:check
  step lint npm run --silent lint
  step types npm run --silent typecheck
  step unused npm run --silent unused
  step unit tests unit unit
  step runtime-checks sh scripts/runtime-checks.sh
  [ -z "$failed_steps" ]
}

step prepare sh scripts/prepare.sh
step python sh scripts/python.sh
step test-tools sh scripts/test-tools.sh
# Beside the builds, which wait for downloads half of the time, and the runtime, which waits for servers.
checks >"$reports/checks.log" 2>&1 &
checks=$!
# Those that are there are not built again.
step images node bin/dp.js images build --all
step runtime runtime_tests
wait "$checks" || failed_steps="$failed_steps checks"
cat "$reports/checks.log"
step containers tests containers adapters scenarios

[ -z "$failed_steps" ] || echo "failed:$failed_steps"
node scripts/sum-reports.js "$reports" unit runtime containers || failed_steps=sum
[ -z "$failed_steps" ]
