/**
 * MurmurHash2, 32 bits, as Java's Kafka clients compute it: `Utils.murmur2` in
 * org.apache.kafka.common.utils (seed 0x9747b28c). Signed.
 */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const { length } = bytes;
  let hash = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k = byteAt(at) | (byteAt(at + 1) << 8) | (byteAt(at + 2) << 16) | (byteAt(at + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    hash = Math.imul(hash, m) ^ Math.imul(k, m);
  }
  const rest = length - at;
  if (rest === 3) hash ^= byteAt(at + 2) << 16;
  if (rest >= 2) hash ^= byteAt(at + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byteAt(at), m);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  return hash ^ (hash >>> 15);

  function byteAt(index: number): number {
    return bytes[index] ?? 0;
  }
}

/** Where Java's default partitioner puts a key. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
