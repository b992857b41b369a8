#!/bin/sh
# Makes sure that a Docker engine answers. One that runs is used as it is, and where DOCKER_HOST or
# a Docker context names one, that one alone. Otherwise root on Debian or Ubuntu gets the
# distribution's engine, installed and started; on other systems it is said what to install.
set -eu
cd "$(dirname "$0")/.."

LOG=/var/log/dp-dockerd.log
START_DEADLINE_S=60
dockerd_pid=

has() { command -v "$1" >/dev/null 2>&1; }

on_debian() {
  [ "$(id -u)" = 0 ] && has apt-get && grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

# $@: packages. Lists that were never fetched, or are out of date, are fetched once.
install() {
  echo "engine: installing with apt-get: $*"
  export DEBIAN_FRONTEND=noninteractive
  set -- install -y -qq --no-install-recommends "$@"
  apt_log=$(mktemp)
  if apt-get "$@" >"$apt_log" 2>&1 </dev/null ||
    { apt-get update -qq >"$apt_log" 2>&1 && apt-get "$@" >>"$apt_log" 2>&1 </dev/null; }; then
    rm -f "$apt_log"
    return
  fi
  tail -n 20 "$apt_log" >&2
  rm -f "$apt_log"
  echo "engine: apt-get failed" >&2
  exit 1
}

# $1: pid file, $2: program. An engine refuses to start on the pid file of one that was killed.
remove_stale_pid_file() {
  [ -e "$1" ] || return 0
  pid=$(cat "$1")
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ]; then
    echo "engine: removing $1, its process ($pid) is gone"
    rm -f "$1"
  fi
}

start_engine() {
  if [ -d /run/systemd/system ] && has systemctl; then
    echo "engine: systemctl start docker"
    systemctl start docker
    return
  fi
  remove_stale_pid_file /var/run/docker.pid dockerd
  remove_stale_pid_file /var/run/docker/containerd/containerd.pid containerd
  if [ -e /var/run/docker.pid ]; then
    echo "engine: waiting for the dockerd that is starting"
    return
  fi
  echo "engine: starting dockerd, log in $LOG"
  # Detached, and without our streams: whoever waits for our output must not wait for the engine.
  setsid dockerd >>"$LOG" 2>&1 </dev/null &
  dockerd_pid=$!
}

await_engine() {
  problem=
  deadline=$(($(date +%s) + START_DEADLINE_S))
  until engine=$(npx --no tsx scripts/ask-engine.ts); do
    if [ -n "$dockerd_pid" ] && ! kill -0 "$dockerd_pid" 2>/dev/null; then
      problem="dockerd ended at once"
    elif [ "$(date +%s)" -ge "$deadline" ]; then
      problem="no answer within $START_DEADLINE_S s"
    fi
    if [ -n "$problem" ]; then
      echo "engine: $problem" >&2
      [ ! -e "$LOG" ] || tail -n 20 "$LOG" >&2
      exit 1
    fi
    sleep 0.5
  done
  echo "engine: $engine"
}

status=0
engine=$(npx --no tsx scripts/ask-engine.ts) || status=$?
if [ "$status" = 2 ]; then
  echo "engine: $engine" >&2
  exit 1
fi

if [ "$status" != 0 ] && ! on_debian; then
  echo "engine: $engine" >&2
  case $engine in *"permission denied"*) exit 1 ;; esac
  if [ "$(uname -s)" = Darwin ]; then
    echo "Install and start Docker Desktop, Colima or OrbStack, then try again." >&2
  elif has apt-get; then
    echo "As root: apt-get install docker.io iptables mmdebstrap; then try again." >&2
  elif has dnf; then
    echo "As root: dnf install moby-engine && systemctl start docker; then try again." >&2
  fi
  exit 1
fi

missing=
if on_debian; then
  # Where no container registry can be reached, base images are made of the distribution's packages.
  has mmdebstrap || missing=mmdebstrap
  if [ "$status" != 0 ]; then
    has dockerd || missing="$missing docker.io"
    has iptables || missing="$missing iptables"
  fi
fi
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install $missing

if [ "$status" = 0 ]; then
  echo "engine: $engine"
else
  start_engine
  await_engine
fi
