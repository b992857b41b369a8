import type { MoveWork, Pipeline, Sink, Source, Step } from "../stack/pipelines.ts";
import { brokerService } from "../stack/names.ts";
import { internalPort } from "../stack/services/kafka.ts";
import type { KafkaSettings, StoreSettings, TopicSettings } from "../stack/settings.ts";

/** What of a stack its pipelines are made of; both the resolved and the settled one have it. */
export interface PipelineStack {
  readonly name: string;
  readonly kafka: Pick<KafkaSettings, "brokers"> | undefined;
  readonly stores: readonly Pick<
    StoreSettings,
    "name" | "type" | "database" | "user" | "password"
  >[];
  readonly topics: readonly Pick<TopicSettings, "name" | "config">[];
  readonly pipelines: readonly Pipeline[];
}

const postgresPort = 5432;

/**
 * The document that the runtime reads: `.dp/pipeline.json` beside the code. Addresses are those
 * inside the stack's network; what does not apply is null.
 */
export function pipelineDocument(stack: PipelineStack): object {
  const { name, kafka, stores, topics, pipelines } = stack;
  return {
    version: 1,
    stack: name,
    kafka: kafka ? { bootstrap: bootstrapOf(kafka.brokers) } : null,
    stores: byName(stores, (store) => ({ type: store.type, url: urlOf(store) })),
    topics: byName(topics, ({ config }) => ({
      compacted: (config["cleanup.policy"] ?? "").split(",").includes("compact"),
    })),
    pipelines: byName(pipelines, describePipeline),
  };
}

function byName<T extends { readonly name: string }>(
  items: readonly T[],
  describe: (item: T) => object,
): Record<string, object> {
  return Object.fromEntries(items.map((item) => [item.name, describe(item)]));
}

function bootstrapOf(brokers: number): string {
  return Array.from({ length: brokers }, (_, i) => `${brokerService(i + 1)}:${internalPort}`).join(
    ",",
  );
}

function urlOf({ name, database, user, password }: PipelineStack["stores"][number]): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@${name}:${postgresPort}/${encodeURIComponent(database)}`;
}

function describePipeline({ schedule, timezone, params, steps }: Pipeline): object {
  return {
    schedule: schedule ?? null,
    timezone,
    params,
    steps: Object.fromEntries(steps.map((step) => [step.id, describeStep(step)])),
  };
}

function describeStep({ work, environment }: Step): object {
  return work.kind === "move"
    ? { ...describeMove(work), environment }
    : { kind: "run", run: work.run, environment };
}

function describeMove({ from, transform, to, onBadRecord, batch }: MoveWork): object {
  return {
    kind: "move",
    from: describeSource(from),
    transform: transform ? { file: transform.file, function: transform.function } : null,
    to: describeSink(to),
    onBadRecord,
    batch,
  };
}

function describeSource(source: Source): object {
  return source.type === "http" ? { ...source, records: source.records ?? null } : source;
}

function describeSink(sink: Sink): object {
  return sink.type === "topic" ? { ...sink, key: sink.key ?? null } : sink;
}
