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

# $1: vitest project
tests() {
  rm -f "$reports/$1.json"
  npx vitest run --project "$1" --reporter=default --reporter=json \
    --outputFile.json="$reports/$1.json"
}

runtime_tests() {
  rm -f "$reports/runtime.xml"
  sh scripts/runtime-tests.sh --junitxml="$reports/runtime.xml"
}

mkdir -p "$reports"
step prepare sh scripts/prepare.sh
step python sh scripts/python.sh
step test-tools sh scripts/test-tools.sh
# Those that are there are not built again.
step images node bin/dp.js images build --all
step format npm run --silent format:check
step lint npm run --silent lint
step types npm run --silent typecheck
step unused npm run --silent unused
step unit tests unit
step runtime-checks sh scripts/runtime-checks.sh
step runtime runtime_tests
step adapters tests adapters
step scenarios tests scenarios

[ -z "$failed_steps" ] || echo "failed:$failed_steps"
node scripts/sum-reports.js "$reports" unit runtime adapters scenarios || failed_steps=sum
[ -z "$failed_steps" ]
