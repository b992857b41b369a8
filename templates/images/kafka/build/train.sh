#!/bin/bash
# Makes /opt/kafka/kafka.jsa, the archive of parsed classes that cuts the start of a JVM in half, and
# /opt/kafka/bootstrap.checkpoint, the feature levels that a fresh KRaft node starts from. It runs
# each kind of server and some tools once, notes which classes they load, and dumps those.
# usage: train.sh MODE...   (zookeeper, kraft)
set -euo pipefail

kafka=/opt/kafka
work=$(mktemp -d)
flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true"
export KAFKA_HEAP_OPTS="-Xms128m -Xmx384m" EXTRA_ARGS=

# recording FILE: JVM flags that write the names of the loaded classes to a file
recording() {
  echo "$flags -Xshare:off -XX:DumpLoadedClassList=$1"
}

# wait_for_port PORT LOG
wait_for_port() {
  for _ in $(seq 600); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then
      return 0
    fi
    sleep 0.1
  done
  echo "nothing listens on port $1 after 60 s; the end of its log:" >&2
  tail -n 20 "$2" >&2
  return 1
}

common_properties() {
  cat << PROPERTIES
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.dirs=$run/data
log.cleaner.dedupe.buffer.size=4194304
advertised.listeners=INTERNAL://127.0.0.1:9092,EXTERNAL://127.0.0.1:19092
inter.broker.listener.name=INTERNAL
PROPERTIES
}

start_zookeeper() {
  cat > "$run/zoo.cfg" << CONFIG
tickTime=2000
dataDir=$run/zookeeper
clientPort=2181
admin.enableServer=false
4lw.commands.whitelist=*
CONFIG
  KAFKA_JVM_PERFORMANCE_OPTS=$(recording "$run/zookeeper.classes") \
    $kafka/bin/zookeeper-server-start.sh "$run/zoo.cfg" > "$run/zookeeper.log" 2>&1 &
  zookeeper=$!
  wait_for_port 2181 "$run/zookeeper.log"
  (exec 3<> /dev/tcp/127.0.0.1/2181 && echo srvr >&3 && cat <&3) > /dev/null
  common_properties > "$run/server.properties"
  cat >> "$run/server.properties" << PROPERTIES
broker.id=1
zookeeper.connect=127.0.0.1:2181/training
listeners=INTERNAL://:9092,EXTERNAL://:19092
listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT
PROPERTIES
}

format_kraft() {
  common_properties > "$run/server.properties"
  cat >> "$run/server.properties" << PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
controller.listener.names=CONTROLLER
listeners=INTERNAL://:9092,EXTERNAL://:19092,CONTROLLER://:9093
listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
PROPERTIES
  KAFKA_JVM_PERFORMANCE_OPTS=$flags $kafka/bin/kafka-storage.sh format \
    -t AAAAAAAAAAAAAAAAAAAAAA -c "$run/server.properties"
  cp "$run/data/bootstrap.checkpoint" $kafka/bootstrap.checkpoint
}

use_the_tools() {
  local server=127.0.0.1:19092
  KAFKA_JVM_PERFORMANCE_OPTS=$(recording "$run/tools.classes") \
    $kafka/bin/kafka-topics.sh --bootstrap-server $server --create --topic t --partitions 2
  seq 2000 | KAFKA_JVM_PERFORMANCE_OPTS=$flags \
    $kafka/bin/kafka-console-producer.sh --bootstrap-server $server --topic t
  KAFKA_JVM_PERFORMANCE_OPTS=$flags \
    $kafka/bin/kafka-console-consumer.sh --bootstrap-server $server --topic t \
    --from-beginning --max-messages 2000 --timeout-ms 20000 > /dev/null
}

train() {
  run=$work/$1
  mkdir -p "$run/zookeeper" "$run/data"
  zookeeper=
  case $1 in
    zookeeper) start_zookeeper ;;
    kraft) format_kraft ;;
  esac
  KAFKA_JVM_PERFORMANCE_OPTS=$(recording "$run/kafka.classes") \
    $kafka/bin/kafka-server-start.sh "$run/server.properties" > "$run/kafka.log" 2>&1 &
  local broker=$!
  wait_for_port 19092 "$run/kafka.log"
  use_the_tools
  # A JVM that is asked to stop ends with 143; it writes its list on the way out.
  kill -TERM $broker
  wait $broker || true
  if [ -n "$zookeeper" ]; then
    kill -TERM "$zookeeper"
    wait "$zookeeper" || true
  fi
}

for mode in "$@"; do
  echo "training: $mode"
  train "$mode"
done

cat "$work"/*/*.classes | awk '!seen[$0]++' > "$work/classes"
# Only G1 writes heap objects into the archive; every collector can read them.
"$JAVA_HOME/bin/java" -Xshare:dump -XX:+UseG1GC -XX:SharedClassListFile="$work/classes" \
  -XX:SharedArchiveFile=$kafka/kafka.jsa -cp "$(cat $kafka/libs.classpath)" -Xlog:all=off
rm -rf "$work"
ls -l $kafka/kafka.jsa $kafka/bootstrap.checkpoint
