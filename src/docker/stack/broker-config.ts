/**
 * The broker property that Kafka refuses at its start, from the lines of its log; undefined when it refuses
 * none. https://github.com/apache/kafka/blob/3.9/clients/src/main/java/org/apache/kafka/common/config/ConfigException.java
 */
export function findRefusedProperty(lines: readonly string[]): string | undefined {
  for (const line of lines.toReversed()) {
    const [, key] =
      /ConfigException: Invalid value .* for configuration ([\w.-]+?)(?::|$)/.exec(line) ?? [];
    if (key !== undefined) return key;
  }
  return undefined;
}
