import { DpError } from "../../../errors.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";

const isPattern = (name: string): boolean => /[*?]/.test(name);

/**
 * The topics that are meant: names as they are, and for a pattern with `*` or `?` the topics that fit,
 * Kafka's own ones left out. Throws DpError `unknown-topic` for a pattern that none fits.
 */
export async function findTopics(cluster: Cluster, names: readonly string[]): Promise<string[]> {
  if (!names.some(isPattern)) return [...new Set(names)];
  const { topics } = await cluster.metadata("all");
  const known = topics.filter(({ internal }) => !internal).map(({ name }) => name);
  return [...new Set(names.flatMap((name) => (isPattern(name) ? matching(name, known) : [name])))];
}

function matching(pattern: string, known: readonly string[]): string[] {
  const source = pattern
    .replaceAll(/[^\w*?-]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`);
  const found = known.filter((name) => expression.test(name)).toSorted();
  if (found.length > 0) return found;
  throw new DpError({
    code: "unknown-topic",
    message: `no topic fits "${pattern}"`,
    why: "* stands for any characters, ? for one",
    next: "dp topic list",
  });
}
