#!/bin/sh
# From a fresh checkout to a running, proven stack. Safe to repeat.
set -eu
cd "$(dirname "$0")/.."
root=$PWD

sh scripts/prepare.sh
cd examples/stream

# Shows the command as it would be typed, then runs it; `before` is what feeds it.
before=
dp() {
  printf '\n$ %sdp' "$before"
  for word; do
    case $word in
      *[!A-Za-z0-9_./:=@%+-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  node "$root/bin/dp.js" "$@"
}

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

cat <<EOF

The stack is running. What to try next:

  cd examples/stream
  alias dp="node $root/bin/dp.js"
  dp status                            what runs, and how it is
  dp topic tail orders                 the last 10 records, then follow
  echo hello | dp topic produce orders
  dp logs kafka -f                     all brokers, merged
  dp plan                              change pipeline.yaml, and see what would change
  dp down -v                           away with it, data included
EOF
