#!/bin/sh
# Runs a ZooKeeper server.
# EXTRA_ARGS replaces the options given to kafka-run-class.sh; set but empty, it drops them.
if [ $# -eq 0 ]; then
  echo "USAGE: $0 [-daemon] zookeeper.properties" >&2
  exit 1
fi
if [ "$1" = -daemon ]; then
  shift
fi
. /opt/kafka/config/logging.env
: "${KAFKA_LOG4J_OPTS:=$SERVER_LOG4J_OPTS}"
: "${KAFKA_HEAP_OPTS:=-Xmx512M -Xms512M}"
export KAFKA_LOG4J_OPTS KAFKA_HEAP_OPTS
# shellcheck disable=SC2086
exec /opt/kafka/bin/kafka-run-class.sh ${EXTRA_ARGS--name zookeeper -loggc} org.apache.zookeeper.server.quorum.QuorumPeerMain "$@"
