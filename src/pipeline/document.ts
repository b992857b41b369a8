import type { MoveWork, Pipeline, Sink, Source, Step } from "../model/pipelines.ts";
import { networkAddresses } from "../stack/network-addresses.ts";
import { stepContainer, type ContainerStack } from "../stack/step-container.ts";
import type { KafkaSettings, TopicSettings } from "../model/settings.ts";

/** What of a stack its pipelines are made of; both the resolved and the settled one have it. */
export interface PipelineStack extends ContainerStack {
  readonly kafka: Pick<KafkaSettings, "brokers"> | undefined;
  readonly topics: readonly Pick<TopicSettings, "name" | "config">[];
  readonly pipelines: readonly Pipeline[];
}

/**
 * The document that the runtime reads: `.dp/pipeline.json` beside the code. Addresses are those
 * inside the stack's network; what does not apply is null.
 */
export function pipelineDocument(stack: PipelineStack): object {
  const { name, stores, topics, pipelines } = stack;
  const { kafkaBootstrap, storeUrls } = networkAddresses(stack);
  return {
    version: 1,
    stack: name,
    kafka: kafkaBootstrap === undefined ? null : { bootstrap: kafkaBootstrap },
    stores: byName(stores, (store) => ({ type: store.type, url: storeUrls[store.name] })),
    topics: byName(topics, ({ config }) => ({
      compacted: (config["cleanup.policy"] ?? "").split(",").includes("compact"),
    })),
    pipelines: byName(pipelines, (pipeline) => describePipeline(pipeline, stack)),
  };
}

function byName<T extends { readonly name: string }>(
  items: readonly T[],
  describe: (item: T) => object,
): Record<string, object> {
  return Object.fromEntries(items.map((item) => [item.name, describe(item)]));
}

function describePipeline(pipeline: Pipeline, stack: PipelineStack): object {
  const { schedule, timezone, params, steps } = pipeline;
  return {
    schedule: schedule ?? null,
    timezone,
    params,
    steps: Object.fromEntries(steps.map((step) => [step.id, describeStep(step, stack)])),
  };
}

/** What the file says of a step's environment wins. */
function describeStep({ work, environment: own }: Step, stack: PipelineStack): object {
  const { aws } = networkAddresses(stack);
  const environment = { ...aws, ...own };
  if (work.kind === "move") return { ...describeMove(work), environment };
  const { run } = work;
  if (run.type !== "container") return { kind: "run", run, environment };
  const { environment: ofService, ...container } = stepContainer(run, stack);
  return {
    kind: "run",
    run: { type: "container", ...container },
    environment: { ...aws, ...ofService, ...own },
  };
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
