#!/bin/sh
# From a fresh checkout to two running, proven stacks: a stream, and a platform with an orchestrator
# and a database. Safe to repeat.
set -eu
cd "$(dirname "$0")/.."
root=$PWD

# Shows a command as it would be typed, then runs it; `before` is what feeds it.
before=
show() {
  printf '\n$ %s' "$before"
  space=
  for word; do
    case $word in
      *[!A-Za-z0-9_./:=@%+-]*) printf "%s'%s'" "$space" "$word" ;;
      *) printf '%s%s' "$space" "$word" ;;
    esac
    space=' '
  done
  printf '\n'
}

dp() {
  show dp "$@"
  node "$root/bin/dp.js" "$@"
}

stream() {
  cd "$root/examples/stream"
  dp up
  dp smoke
  # One record of our own, the first time only: its key tells whether it is there.
  record='{"id":"quickstart","customer":"you","amount":42}'
  if ! node "$root/bin/dp.js" topic tail orders -o start -e --format '%k\n' | grep -qx quickstart; then
    before="echo '$record' | "
    echo "$record" | dp topic produce orders -k quickstart
    before=
  fi
  dp topic tail orders -n 5 -e
}

rows() {
  set -- docker exec shop-warehouse psql -U dp warehouse -c "$1"
  show "$@"
  "$@"
}

platform() {
  cd "$root/examples/platform"
  dp up
  dp smoke
  dp pipeline run orders
  rows 'select count(*) from orders'
  # The API gives the same orders again: every row is written anew, none is doubled.
  dp pipeline run orders
  rows 'select count(*) from orders'
  rows 'select * from orders order by id limit 5'
  dp topic tail orders.clean -n 5 -e
  dp status
}

sh scripts/prepare.sh
stream
platform

cat <<END

Both stacks are running. What to try next:

  alias dp="node $root/bin/dp.js"

  cd examples/stream                   ZooKeeper, three brokers, topics, records
  dp topic tail orders                 the last 10 records, then follow
  echo hello | dp topic produce orders
  dp logs kafka -f                     all brokers, merged
  dp plan                              change pipeline.yaml, and see what would change
  dp down -v                           away with it, data included

  cd ../platform                       the same with Airflow, Postgres and a service of its own
  dp pipeline show orders              its steps, and its last runs
  dp pipeline run orders --local       the same steps without Airflow
  dp env                               AIRFLOW_URL opens in a browser
  dp down -v
END
