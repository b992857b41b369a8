#!/bin/sh
# Installs the locked uv into /tmp/uv, and makes the system trust the host's certificates.
# usage: install-uv.sh
set -eu
here=$(dirname "$0")
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
export PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

# Debian has the venv module in a package; an image of Airflow may have uv instead.
python=python3
has_venv() { "$python" -c 'import ensurepip' 2> /dev/null; }
if ! command -v uv > /dev/null && ! has_venv; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv > /dev/null
fi
"$here/trust-host-ca.sh" "$here/host-ca.crt"
if command -v uv > /dev/null; then
  uv venv --no-config --quiet --no-cache /tmp/uv
  uv pip install --no-config --quiet --no-cache --no-deps --require-hashes \
    --python /tmp/uv/bin/python -r "$here/uv.lock"
else
  "$python" -m venv /tmp/uv
  /tmp/uv/bin/pip install --quiet --require-hashes --no-deps -r "$here/uv.lock"
fi
