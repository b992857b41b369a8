/** The first circle among names, its beginning once more at the end; empty without one. */
export function circleOf(needsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  for (const start of needsOf.keys()) {
    // Without recursion, since a chain may be longer than the call stack.
    const way: string[] = [];
    const isOnWay = new Set<string>();
    const pending = [{ name: start, isLeft: false }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { name, isLeft } = next;
      if (isLeft) {
        done.add(name);
        isOnWay.delete(name);
        way.pop();
        continue;
      }
      if (isOnWay.has(name)) return [...way.slice(way.indexOf(name)), name];
      if (done.has(name)) continue;
      way.push(name);
      isOnWay.add(name);
      pending.push({ name, isLeft: true });
      for (const needed of (needsOf.get(name) ?? []).toReversed()) {
        pending.push({ name: needed, isLeft: false });
      }
    }
  }
  return [];
}
