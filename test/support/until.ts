/** Resolves when `holds` does; fails after 10 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("it did not become true within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
