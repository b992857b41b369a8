#!/bin/sh
# Makes a virtual environment of the system's Python 3 with exactly the packages of a lock, compiled
# and readable by every user. A package that does not match its hash is an error.
# usage: install-venv.sh LOCK FOLDER
set -eu
umask 022
lock=$1
folder=$2
here=$(dirname "$0")
# pip and uv bring certificates of their own; the system's store also has those of the host.
export PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
# An image may tell pip to install into the home folder.
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

uv=/tmp/uv/bin/uv
if [ ! -x $uv ]; then
  python3 -m venv /tmp/uv
  /tmp/uv/bin/pip install --quiet --require-hashes --no-deps -r "$here/uv.lock"
fi
$uv venv --no-config --quiet --clear --python "$(command -v python3)" "$folder"

# Over a hundred packages come at once: a connection that times out must not cost the whole build.
# What has come stays in the cache for the next try.
export UV_CONCURRENT_DOWNLOADS=16 UV_HTTP_RETRIES=5
cache=$(mktemp -d)
try=1
until $uv pip install --no-config --quiet --cache-dir "$cache" --no-deps --require-hashes \
  --compile-bytecode --link-mode copy --python "$folder/bin/python" -r "$lock"; do
  [ $try -lt 3 ] || exit 1
  try=$((try + 1))
  echo "trying again ($try of 3)"
done
rm -rf "$cache"
echo "$($uv pip list --no-config --quiet --python "$folder/bin/python" --format freeze | wc -l) packages in $folder, $(du -sm "$folder" | cut -f1) MB"
