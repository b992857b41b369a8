/** Resolves when `holds` does; fails after 30 s unless said: a busy machine takes its time. */
export async function until(holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not become true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
