/** Resolves when `holds` does; fails after 10 s unless said. */
export async function until(holds: () => Promise<boolean>, limitMs = 10_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not become true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
