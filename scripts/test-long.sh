#!/bin/sh
# Tests that take longer than a commit should wait, one file at a time on real containers. Prints one line for
# each kind of attempt; the last line counts the tests as the runner reports them.
#   scripts/test-long.sh [vitest's arguments, e.g. random-edits]
set -u
cd "$(dirname "$0")/.." || exit 1

reports=test-results

sh scripts/prepare.sh && sh scripts/test-tools.sh && node bin/dp.js images build --all || exit 1
mkdir -p "$reports"
rm -f "$reports/long.json"
: >"$reports/long-kinds.txt"
npx vitest run --project=long --reporter=default --reporter=json --outputFile.json="$reports/long.json" "$@"
cat "$reports/long-kinds.txt"
node scripts/sum-reports.js "$reports" long
