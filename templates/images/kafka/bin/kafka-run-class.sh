#!/bin/sh
# Starts a Java class with Kafka's class path. It understands what Apache Kafka's script of this name
# does: the options -name NAME and -loggc, and the variables KAFKA_HEAP_OPTS,
# KAFKA_JVM_PERFORMANCE_OPTS, KAFKA_LOG4J_OPTS, KAFKA_GC_LOG_OPTS, KAFKA_JMX_OPTS, JMX_PORT,
# KAFKA_OPTS, CLASSPATH, LOG_DIR and JAVA_HOME. -daemon is accepted and has no effect: a container's
# process stays in the foreground.
home=/opt/kafka
name=kafka
loggc=no
while [ $# -gt 0 ]; do
  case $1 in
    -name) name=$2; shift 2 ;;
    -loggc) loggc=yes; shift ;;
    -daemon) shift ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then
  echo "USAGE: $0 [-name NAME] [-loggc] CLASS [ARGUMENT...]" >&2
  exit 1
fi

# The jars in the one order that the class archive was made with.
read -r classpath < "$home/libs.classpath"
classpath=$classpath${CLASSPATH:+:$CLASSPATH}

# Classes come parsed from an archive made when the image was built. Without the archive the JVM
# starts as well, only later.
archive=
if [ -f "$home/kafka.jsa" ]; then
  archive="-XX:SharedArchiveFile=$home/kafka.jsa"
fi

: "${LOG_DIR:=$home/logs}"
: "${KAFKA_HEAP_OPTS:=-Xmx256M}"
: "${KAFKA_JVM_PERFORMANCE_OPTS:=-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true}"
if [ -z "$KAFKA_LOG4J_OPTS" ]; then
  . "$home/config/logging.env"
  KAFKA_LOG4J_OPTS=$TOOLS_LOG4J_OPTS
fi
if [ -n "$JMX_PORT" ]; then
  : "${KAFKA_JMX_OPTS:=-Dcom.sun.management.jmxremote=true -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false}"
  KAFKA_JMX_OPTS="$KAFKA_JMX_OPTS -Dcom.sun.management.jmxremote.port=$JMX_PORT"
fi
if [ $loggc = yes ] && [ -z "$KAFKA_GC_LOG_OPTS" ]; then
  mkdir -p "$LOG_DIR"
  KAFKA_GC_LOG_OPTS="-Xlog:gc*:file=$LOG_DIR/$name-gc.log:time,tags:filecount=10,filesize=100M"
fi

# The options are lists of words: they must be split.
# shellcheck disable=SC2086
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $archive \
  $KAFKA_GC_LOG_OPTS $KAFKA_JMX_OPTS -Dkafka.logs.dir="$LOG_DIR" $KAFKA_LOG4J_OPTS \
  -cp "$classpath" $KAFKA_OPTS "$@"
