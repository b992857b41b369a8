import type { MoveWork, Pipeline, Sink, Source, Step } from "../model/pipelines.ts";
import { networkAddresses, type NamedStore } from "../stack/network-addresses.ts";
import type { KafkaSettings, TopicSettings } from "../model/settings.ts";

/** What of a stack its pipelines are made of; both the resolved and the settled one have it. */
export interface PipelineStack {
  readonly name: string;
  readonly kafka: Pick<KafkaSettings, "brokers"> | undefined;
  readonly stores: readonly NamedStore[];
  readonly topics: readonly Pick<TopicSettings, "name" | "config">[];
  readonly pipelines: readonly Pipeline[];
}

/**
 * The document that the runtime reads: `.dp/pipeline.json` beside the code. Addresses are those
 * inside the stack's network; what does not apply is null.
 */
export function pipelineDocument(stack: PipelineStack): object {
  const { name, stores, topics, pipelines } = stack;
  const { kafkaBootstrap, storeUrls, aws } = networkAddresses(stack);
  return {
    version: 1,
    stack: name,
    kafka: kafkaBootstrap === undefined ? null : { bootstrap: kafkaBootstrap },
    stores: byName(stores, (store) => ({ type: store.type, url: storeUrls[store.name] })),
    topics: byName(topics, ({ config }) => ({
      compacted: (config["cleanup.policy"] ?? "").split(",").includes("compact"),
    })),
    pipelines: byName(pipelines, (pipeline) => describePipeline(pipeline, aws)),
  };
}

function byName<T extends { readonly name: string }>(
  items: readonly T[],
  describe: (item: T) => object,
): Record<string, object> {
  return Object.fromEntries(items.map((item) => [item.name, describe(item)]));
}

type Environment = Readonly<Record<string, string>>;

function describePipeline(pipeline: Pipeline, aws: Environment): object {
  const { schedule, timezone, params, steps } = pipeline;
  return {
    schedule: schedule ?? null,
    timezone,
    params,
    steps: Object.fromEntries(steps.map((step) => [step.id, describeStep(step, aws)])),
  };
}

/** What the file says of a step's environment wins. */
function describeStep({ work, environment: own }: Step, aws: Environment): object {
  const environment = { ...aws, ...own };
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
