#!/bin/sh
# Writes one start script for each line of a tools table: NAME HEAP CLASS.
# usage: write-tools.sh TABLE FOLDER
set -eu
grep -v '^#' "$1" | while read -r name heap class; do
  cat > "$2/$name.sh" <<SCRIPT
#!/bin/sh
: "\${KAFKA_HEAP_OPTS:=-Xmx$heap}"
export KAFKA_HEAP_OPTS
exec /opt/kafka/bin/kafka-run-class.sh $class "\$@"
SCRIPT
  chmod 755 "$2/$name.sh"
done
