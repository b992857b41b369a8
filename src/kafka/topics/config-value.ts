/** Kafka gives lists in its own order, and numbers without needless zeros. */
export function isSameConfigValue(one: string, other: string): boolean {
  return normalise(one) === normalise(other);
}

function normalise(value: string): string {
  const items = value.split(",").map((item) => item.trim().toLowerCase());
  return items
    .map((item) => (/^-?\d{1,15}(\.\d{1,9})?$/.test(item) ? String(Number(item)) : item))
    .toSorted()
    .join();
}
