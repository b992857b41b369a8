#!/bin/sh
# Compares a folder of jars with a lock of lines "SHA256  PATH": each jar of the lock must be there
# with its checksum, and no other. Names every jar that differs.
# usage: verify-jars.sh LOCK FOLDER
set -eu
expected=$(mktemp)
actual=$(mktemp)
sed 's,  .*/,  ,' "$1" | LC_ALL=C sort -k 2 > "$expected"
(cd "$2" && sha256sum -- *.jar) | LC_ALL=C sort -k 2 > "$actual"
if ! awk '
  NR == FNR { wanted[$2] = $1; next }
  !($2 in wanted) { print "not in the lock: " $2; bad = 1; next }
  wanted[$2] != $1 { print "wrong checksum: " $2 " has " $1 ", the lock says " wanted[$2]; bad = 1 }
  { delete wanted[$2] }
  END { for (jar in wanted) { print "missing: " jar; bad = 1 }; exit bad }
' "$expected" "$actual" >&2; then
  echo "The downloaded jars are not those of the lock." >&2
  exit 1
fi
echo "$(wc -l < "$expected") jars match their checksums"
