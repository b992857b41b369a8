#!/bin/sh
# Everything that is checked: format, lint, types, unused code, structure and units, adapters and
# scenarios on real containers. Every step runs, whatever failed before it; the last line counts
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

# Both images that the tests run: ZooKeeper mode and KRaft. Those that are there are not built again.
build_images() {
  folder=$(mktemp -d)
  printf 'name: images\nzookeeper:\nkafka:\n' >"$folder/zookeeper.yaml"
  printf 'name: images\nkafka:\n' >"$folder/kraft.yaml"
  built=0
  for file in zookeeper kraft; do
    node bin/dp.js images build --file "$folder/$file.yaml" || built=1
  done
  rm -rf "$folder"
  return $built
}

mkdir -p "$reports"
step prepare sh scripts/prepare.sh
step images build_images
step format npm run --silent format:check
step lint npm run --silent lint
step types npm run --silent typecheck
step unused npm run --silent unused
step unit tests unit
step adapters tests adapters
step scenarios tests scenarios

[ -z "$failed_steps" ] || echo "failed:$failed_steps"
node scripts/sum-reports.js "$reports" unit adapters scenarios || failed_steps=sum
[ -z "$failed_steps" ]
