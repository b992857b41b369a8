#!/bin/sh
# Makes sure that what tests need besides dp is there: a registry, a server for ssh, openssl, and kcat. Root
# on Debian or Ubuntu gets them from the distribution; what is there already is left as it is.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

missing=
has docker-registry || missing="$missing docker-registry"
has openssl || missing="$missing openssl"
has ssh || missing="$missing openssh-client"
[ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
has ip || missing="$missing iproute2"
has kcat || missing="$missing kcat"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; then
  echo "test-tools: missing:$missing; install them, then run this again" >&2
  exit 1
fi
echo "test-tools: installing from the distribution:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# No service of them is wanted: tests start their own, on free ports of 127.0.0.1.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing </dev/null
