import path from "node:path";
import type { Path } from "../stack/path.ts";
import type { Step } from "../model/pipelines.ts";
import type { Stack } from "../model/settings.ts";
import { defaults } from "./defaults.ts";
import type { JsonSchema } from "./reference.ts";
import { formatDuration } from "./units.ts";

interface Place {
  readonly path: Path;
  /** The keys that the schema has here. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly stack: Stack;
}

type Defaults = Readonly<Record<string, unknown>>;

/** What counts in a map of the file for the keys that are not written in it. */
export function defaultsAt(place: Place): Defaults {
  const { stack } = place;
  const [section, name, part, id, endpoint] = place.path;
  const depth = place.path.length;
  const standard = standardOf(place);
  if (section === undefined) {
    return { name: stack.name, images: null, ...(stack.kafka ? { kafka: null } : {}) };
  }
  if (depth === 1 && section === "kafka") {
    return { ...standard, version: stack.kafka?.version };
  }
  if (depth === 2 && section === "topics") {
    const topic = stack.topics.find((one) => one.name === name);
    return { ...standard, replication: topic?.replication };
  }
  if (depth === 2 && section === "stores") {
    return storeDefaults(place, String(name));
  }
  if (section !== "pipelines" || part !== "steps" || id === undefined) return standard;
  const pipeline = stack.pipelines.find((one) => one.name === name);
  const step = pipeline?.steps.find((one) => one.id === id);
  if (!step) return {};
  return endpoint === undefined ? stepDefaults(step) : endpointDefaults(step, String(endpoint));
}

/** Defaults that are the same wherever the key stands. */
function standardOf({ properties }: Place): Defaults {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, schema.default]),
  );
}

/** They depend on the kind of store: what its settings have of the keys. */
function storeDefaults({ properties, stack }: Place, name: string): Defaults {
  const server = stack.stores.find((one) => one.name === name);
  const file = stack.fileStores.find((one) => one.name === name);
  const settings = server ?? (file && { ...file, path: besideFile(stack, file.path) });
  return Object.fromEntries(
    Object.entries(settings ?? {}).filter(
      ([key, value]) => key in properties && typeof value !== "object",
    ),
  );
}

/** A path as the file writes it. */
function besideFile({ file }: Stack, absolute: string): string {
  return path.relative(path.dirname(file), absolute).replaceAll(path.sep, "/");
}

function stepDefaults({ needs, retries, retryDelayMs, work }: Step): Defaults {
  const shared = { needs, retries, retry_delay: formatDuration(retryDelayMs) };
  if (work.kind === "run") return shared;
  return { ...shared, on_bad_record: defaults.onBadRecord, batch: work.batch };
}

/** Short forms stay short. */
function endpointDefaults({ work }: Step, key: string): Defaults {
  if (work.kind === "run") return {};
  if (key === "from" && work.from.type === "topic") return { group: work.from.group };
  if (key !== "to") return {};
  return work.to.type === "topic" ? { delivery: work.to.delivery } : { mode: work.to.mode };
}
