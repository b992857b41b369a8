#!/bin/sh
# dp against peers and floors: prints a table, exit 1 when a figure is over its limit.
#   scripts/bench.sh [--only NAME]… [--runs N] [--json]
set -eu
cd "$(dirname "$0")/.."

{
  sh scripts/prepare.sh
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  printf 'name: bench\nzookeeper:\nkafka:\nairflow:\nstores: { warehouse: { type: postgres } }\n' >"$folder/pipeline.yaml"
  node bin/dp.js images build --file "$folder/pipeline.yaml"
  rm -rf "$folder"
  trap - EXIT
} >&2

exec node --import tsx bench/main.ts "$@"
