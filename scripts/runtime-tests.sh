#!/bin/sh
# pytest of the Python runtime, two tests at a time, on a real broker and a real Postgres that dp starts and removes.
#   scripts/runtime-tests.sh [pytest's arguments]      scripts/python.sh comes before
set -eu
cd "$(dirname "$0")/.."
root=$PWD
folder=$(mktemp -d)

dp() { DP_PORTS=auto node "$root/bin/dp.js" "$@" --file "$folder/pipeline.yaml"; }

remove() {
  dp down --volumes --quiet
  rm -rf "$folder"
}
trap remove EXIT
trap 'exit 130' INT TERM

printf 'name: runtime-tests-%s\nkafka:\nstores: { warehouse: { type: postgres } }\n' $$ \
  >"$folder/pipeline.yaml"
dp up --quiet >/dev/null
addresses=$(dp env)
eval "$addresses"
DP_TEST_KAFKA=$KAFKA_BOOTSTRAP_SERVERS DP_TEST_POSTGRES=$WAREHOUSE_URL \
  PYTHONPYCACHEPREFIX="$folder/pycache" \
  .venv/bin/python -m pytest -q -p no:cacheprovider -n 2 "$@" test/runtime
