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
$uv pip install --no-config --quiet --no-cache --no-deps --require-hashes --compile-bytecode \
  --python "$folder/bin/python" -r "$lock"
echo "$($uv pip list --no-config --quiet --python "$folder/bin/python" --format freeze | wc -l) packages in $folder, $(du -sm "$folder" | cut -f1) MB"
