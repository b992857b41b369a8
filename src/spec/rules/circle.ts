/** The first circle among names, its beginning once more at the end; empty without one. */
export function circleOf(needsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  function follow(name: string, way: readonly string[]): string[] {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return [];
    for (const next of needsOf.get(name) ?? []) {
      const circle = follow(next, [...way, name]);
      if (circle.length > 0) return circle;
    }
    done.add(name);
    return [];
  }
  for (const name of needsOf.keys()) {
    const circle = follow(name, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
