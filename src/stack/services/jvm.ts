/**
 * Environment of a short-lived local JVM: the serial collector and the first compiler tier start
 * fastest and use the least memory; the class archive is trained when the image is built, and is
 * ignored by a JVM that can't use it.
 */
export function jvmEnvironment(heapBytes: number): Record<string, string> {
  const mebibytes = Math.max(1, Math.round(heapBytes / 1024 / 1024));
  return {
    KAFKA_HEAP_OPTS: `-Xms${Math.min(mebibytes, 128)}m -Xmx${mebibytes}m`,
    KAFKA_JVM_PERFORMANCE_OPTS:
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:SharedArchiveFile=/opt/kafka/kafka.jsa -Djava.awt.headless=true",
  };
}
