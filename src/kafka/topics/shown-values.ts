import { alterCommand, type TopicChange } from "./plan-topics.ts";
import { formatPath } from "../../stack/path.ts";
import type { FromVariables } from "../../model/settings.ts";

/** The change as it may be printed: a value that came from a variable reads as it was written. */
export function toShown(change: TopicChange, fromVariables: FromVariables): TopicChange {
  const written = (key: string): string | undefined =>
    fromVariables.get(formatPath(["topics", change.topic, "config", key]));
  if (change.kind === "create") {
    const config = Object.entries(change.config).map(([key, value]) => [
      key,
      written(key) ?? value,
    ]);
    return { ...change, config: Object.fromEntries(config) as Record<string, string> };
  }
  const [key = ""] = change.cause.split(" ");
  const shown = written(key);
  if (shown === undefined) return change;
  const cause = `${key} → ${shown}`;
  switch (change.kind) {
    case "set-config":
      return { ...change, cause, value: shown };
    case "refused":
      return { ...change, cause, next: alterCommand(change.topic, key, shown) };
    default:
      return { ...change, cause };
  }
}
