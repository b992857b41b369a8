import type { ObservedContainer } from "../model/containers.ts";
import { expandServices } from "./select.ts";

/**
 * The services to restart, batch after batch. Without words all at once. Otherwise the members of a
 * cluster that can do without one of them go one by one, ZooKeeper's before the brokers, and what else
 * is named goes last, together.
 */
export function restartBatches(
  containers: readonly Pick<ObservedContainer, "service" | "kind">[],
  words: readonly string[],
): string[][] {
  const services = containers.map(({ service }) => service);
  if (words.length === 0) return [services];
  const named = new Set(expandServices(words, services));
  const rolled = [...members("zookeeper", 3), ...members("kafka", 2)];
  const others = services.filter((service) => named.has(service) && !rolled.includes(service));
  return [...rolled.map((service) => [service]), ...(others.length > 0 ? [others] : [])];

  function members(kind: ObservedContainer["kind"], least: number): string[] {
    const all = containers.filter((container) => container.kind === kind);
    if (all.length < least) return [];
    return all
      .map(({ service }) => service)
      .filter((service) => named.has(service))
      .toSorted();
  }
}
